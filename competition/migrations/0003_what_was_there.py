"""What was there before: its declaration is version 1, what was forwarded takes a place."""

from django.db import migrations


def publish_first_versions(apps, schema_editor):
    """What each edition declared so far is its version 1; what was submitted accepted it."""
    names = ("Edition", "Declaration", "Entry", "EntryRevision")
    Edition, Declaration, Entry, EntryRevision = (apps.get_model("competition", n) for n in names)
    for edition in Edition.objects.all():
        first = Declaration.objects.create(
            edition=edition,
            number=1,
            text=edition.rights_declaration.replace("\r\n", "\n").strip(),
            text_en=edition.rights_declaration_en.replace("\r\n", "\n").strip(),
        )
        # It was in force since the edition was made, not since today.
        Declaration.objects.filter(pk=first.pk).update(published_at=edition.created_at)
        works = Entry.objects.filter(edition=edition)
        works.exclude(rights_accepted_at=None).update(declaration=first)
        EntryRevision.objects.filter(entry__in=works).update(declaration=first)


def give_places(apps, schema_editor):
    """What an association has forwarded so far counts, in the order in which it was forwarded."""
    Entry, Forwarding = (apps.get_model("competition", name) for name in ("Entry", "Forwarding"))
    ModelLogEntry = apps.get_model("wagtailcore", "ModelLogEntry")
    lines = ModelLogEntry.objects.filter(
        content_type__app_label="competition",
        content_type__model="entry",
        action="competition.entry.forward",
    ).order_by("timestamp", "pk")
    states = ["forwarded", "admitted", "rejected", "disqualified"]
    works = Entry.objects.filter(state__in=states).select_related("organisation")
    last = {}
    for pk in dict.fromkeys(lines.values_list("object_id", flat=True)):
        entry = works.filter(pk=pk).first()
        if entry is None:
            continue
        own = entry.organisation
        association = own.pk if own.kind == "association" else own.association_id
        if association is None:
            continue
        key = (association, entry.section_id)
        last[key] = last.get(key, 0) + 1
        Forwarding.objects.create(
            entry=entry,
            section_id=entry.section_id,
            association_id=association,
            place=last[key],
        )


class Migration(migrations.Migration):
    # A migration of its own: PostgreSQL alters no table whose rows were changed before the commit.
    dependencies = [
        ("competition", "0002_rooms_for_a_call"),
        ("wagtailcore", "0063_modellogentry"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunPython(publish_first_versions, elidable=True),
        migrations.RunPython(give_places, elidable=True),
    ]

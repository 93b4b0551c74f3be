import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("competition", "0003_what_was_there")]

    operations = [
        migrations.AlterField(
            model_name='entryrevision',
            name='declaration',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='competition.declaration'),
        ),
        migrations.RemoveField(
            model_name='edition',
            name='rights_declaration',
        ),
        migrations.RemoveField(
            model_name='edition',
            name='rights_declaration_en',
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'draft'), models.Q(('declaration__isnull', False), ('rights_accepted_at__isnull', False)), _connector='OR'), name='a_submitted_entry_has_declared_rights'),
        ),
    ]

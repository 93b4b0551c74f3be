from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from 0002: PostgreSQL does not check rows that the same transaction has changed."""

    dependencies = [
        ('voting', '0002_a_vote_that_can_be_proved'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='ballot',
            constraint=models.CheckConstraint(condition=models.Q(('status', 2), ('void_reason', ''), _connector='OR'), name='only_void_ballots_have_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='ballot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code', ''), ('status', 0)), models.Q(('status__in', [1, 2]), models.Q(('code', ''), _negated=True)), _connector='OR'), name='what_does_not_count_has_a_code'),
        ),
    ]

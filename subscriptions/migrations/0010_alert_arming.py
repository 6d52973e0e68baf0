from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0009_budgets")]

    operations = [
        migrations.AddField(
            model_name="businessaicredits",
            name="low_credit_armed",
            field=models.BooleanField(
                db_default=True,
                default=True,
                editable=False,
                help_text="Falling below the threshold is told once; it has to rise to it before it is told "
                "again.",
            ),
        ),
        migrations.AddField(
            model_name="businessaicredits",
            name="low_credit_crossings",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="How often it fell below: names the cause of each alert.",
            ),
        ),
    ]

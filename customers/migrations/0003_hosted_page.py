from django.db import migrations, models

import customers.models

# 244 random bits for each customer that is there already.
_TOKENS = """
UPDATE customers_customer SET hosted_token = left(translate(
    encode(sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), 'base64'), '+/=', '-_'), 43)
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_natural_order")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="hosted_token",
            field=models.CharField(editable=False, max_length=43, null=True),
        ),
        migrations.RunSQL(_TOKENS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="customer",
            name="hosted_token",
            field=models.CharField(default=customers.models.new_hosted_token, editable=False, max_length=43),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(
                fields=("tenant", "hosted_token"), name="customers_customer_hosted_token"
            ),
        ),
        # The page knows the token before it knows the tenant.
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["hosted_token"], name="customers_customer_token"),
        ),
    ]

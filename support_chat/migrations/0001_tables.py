"""All tables of the support chat."""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import CreateExtension, TrigramExtension
from django.db import migrations, models

import config.core.models


class Migration(migrations.Migration):
    initial = True

    # An installation that has run these has run this.
    replaces = [
        ("support_chat", "0001_initial"),
        ("support_chat", "0002_knowledge"),
        ("support_chat", "0003_desk"),
        ("support_chat", "0004_uploads_and_webhooks"),
        ("support_chat", "0005_analytics"),
    ]

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Both may be made by the owner of a database: they are trusted extensions.
        TrigramExtension(),
        CreateExtension("fuzzystrmatch"),
        migrations.CreateModel(
            name="CannedAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                (
                    "triggers",
                    models.TextField(
                        help_text="Whole messages that it answers, one a line, in any language."
                    ),
                ),
                (
                    "text_en",
                    models.TextField(
                        help_text="Placeholders as in articles.", verbose_name="answer in English"
                    ),
                ),
                ("text_fr", models.TextField(verbose_name="answer in French")),
                ("text_tw", models.TextField(verbose_name="answer in Twi")),
                (
                    "article",
                    models.SlugField(
                        blank=True, help_text="The article that says more, if any.", max_length=80
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("file_hash", models.CharField(blank=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(editable=False)),
                ("updated_at", models.DateTimeField(editable=False)),
            ],
            options={
                "ordering": ["slug"],
            },
        ),
        migrations.CreateModel(
            name="ChatUse",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("day", models.DateField()),
                ("sent_in_day", models.PositiveIntegerField()),
                ("hour", models.DateTimeField(help_text="When the counted hour began.")),
                ("sent_in_hour", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="GuestUse",
            fields=[
                ("guest_id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "sent_at",
                    django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChatWebhook",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                ("sealed_url", models.TextField(editable=False)),
                ("host", models.CharField(max_length=253)),
                ("sealed_secret", models.TextField(editable=False)),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("conversation.created", "Conversation Created"),
                                ("message.created", "Message Created"),
                                ("conversation.escalated", "Conversation Escalated"),
                                ("conversation.resolved", "Conversation Resolved"),
                            ],
                            max_length=30,
                        ),
                        size=None,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "webhook",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sealed_url", ""), _negated=True),
                            models.Q(("host", ""), _negated=True),
                            models.Q(("sealed_secret", ""), _negated=True),
                        ),
                        name="chat_webhook_sealed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "events__contained_by",
                                [
                                    "conversation.created",
                                    "message.created",
                                    "conversation.escalated",
                                    "conversation.resolved",
                                ],
                            ),
                            ("events__len__gt", 0),
                        ),
                        name="chat_webhook_events_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChatWebhookDelivery",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="support_chat.chatwebhook",
                    ),
                ),
                ("event", models.CharField(max_length=30)),
                (
                    "event_id",
                    models.UUIDField(help_text="The same for every webhook, and however often it is sent."),
                ),
                ("body", models.TextField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("delivered", "Delivered"),
                            ("dead", "dead: tried as often as it may"),
                            ("dropped", "dropped: the webhook was switched off"),
                        ],
                        db_default="",
                        default="",
                        max_length=9,
                    ),
                ),
                ("status_code", models.PositiveSmallIntegerField(help_text="Of the last answer.", null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "webhook delivery",
                "verbose_name_plural": "webhook deliveries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="chat_delivery_due",
                    ),
                    models.Index(fields=["webhook", "-created_at", "-id"], name="chat_delivery_of_webhook"),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", False)),
                        fields=["ended_at"],
                        name="chat_delivery_ended",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("webhook", "event_id"), name="chat_delivery_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_at__isnull", False), ("ended_at__isnull", True), ("outcome", "")),
                            models.Q(
                                ("due_at__isnull", True),
                                ("ended_at__isnull", False),
                                ("outcome__in", ["delivered", "dead", "dropped"]),
                            ),
                            _connector="OR",
                        ),
                        name="chat_delivery_due_until_it_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KnowledgeArticle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=120)),
                (
                    "body",
                    models.TextField(
                        help_text="Markdown. Prices as placeholders, e.g. {{ packs.VALUE.price }}."
                    ),
                ),
                ("title_fr", models.CharField(max_length=120, verbose_name="title in French")),
                (
                    "summary_fr",
                    models.TextField(
                        help_text="All that matters of the article, in a few sentences.",
                        verbose_name="summary in French",
                    ),
                ),
                (
                    "questions",
                    models.TextField(
                        blank=True,
                        help_text="What people ask, one question a line, in any language and as they write it.",
                    ),
                ),
                ("is_published", models.BooleanField(default=True)),
                (
                    "file_hash",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Of the file it came from; empty: written here.",
                        max_length=64,
                    ),
                ),
                ("indexed_by", models.CharField(editable=False, max_length=64)),
                ("search", django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ("created_at", models.DateTimeField(editable=False)),
                ("updated_at", models.DateTimeField(editable=False)),
            ],
            options={
                "ordering": ["slug"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        models.F("search"), fastupdate=False, name="article_search"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KnowledgePassage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passages",
                        to="support_chat.knowledgearticle",
                    ),
                ),
                ("language", models.CharField(max_length=8)),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                ("search", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("article", "language", "number"), name="passage_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="KnowledgeQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asked",
                        to="support_chat.knowledgearticle",
                    ),
                ),
                ("text", models.CharField(max_length=300)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("text", name="gin_trgm_ops"),
                        fastupdate=False,
                        name="question_letters",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KnowledgeWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=100, unique=True)),
                ("articles", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        django.contrib.postgres.indexes.OpClass("word", name="gist_trgm_ops"),
                        name="word_letters",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SupportConversation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("guest_id", models.UUIDField(help_text="Of a visitor who is not signed in.", null=True)),
                ("assistant", models.SlugField(db_index=False, max_length=40)),
                ("language", models.CharField(default="en", max_length=8)),
                (
                    "language_is_fixed",
                    models.BooleanField(default=False, help_text="Chosen by the writer, not detected."),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("with_staff", "with staff: the bot is silent"),
                            ("resolved", "resolved: the next message opens it again"),
                            ("closed", "closed for good"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("segment", models.PositiveIntegerField(default=1)),
                (
                    "title",
                    models.CharField(
                        blank=True, help_text="The beginning of the first message.", max_length=80
                    ),
                ),
                ("summary", models.TextField(blank=True)),
                ("summary_up_to", models.PositiveIntegerField(default=0)),
                (
                    "carried_from",
                    models.ForeignKey(
                        help_text="The full conversation this one goes on from.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="support_chat.supportconversation",
                    ),
                ),
                (
                    "messages_used",
                    models.PositiveIntegerField(default=0, help_text="Sent by the user, in all."),
                ),
                ("last_number", models.PositiveIntegerField(default=0)),
                (
                    "failures",
                    models.PositiveSmallIntegerField(default=0, help_text="Answers that failed, in a row."),
                ),
                ("reopened", models.PositiveSmallIntegerField(default=0)),
                ("csat", models.SmallIntegerField(help_text="The user's 1 to 5.", null=True)),
                ("csat_comment", models.CharField(blank=True, max_length=1000)),
                ("csat_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("last_message_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(help_text="When it was resolved or closed.", null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["membership", "-last_message_at", "-id"], name="chat_of_member"),
                    models.Index(fields=["guest_id", "-last_message_at", "-id"], name="chat_of_guest"),
                    models.Index(
                        condition=models.Q(("status__in", ["open", "with_staff"])),
                        fields=["user"],
                        name="chat_open_of_user",
                    ),
                    models.Index(fields=["-last_message_at", "-id"], name="chat_by_time"),
                    models.Index(
                        condition=models.Q(("csat_at__isnull", False)), fields=["csat_at"], name="chat_rated"
                    ),
                    models.Index(
                        condition=models.Q(("status", "with_staff")),
                        fields=["-last_message_at"],
                        name="chat_with_staff",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("business__isnull", False),
                                ("guest_id__isnull", True),
                                ("membership__isnull", False),
                                ("user__isnull", False),
                            ),
                            models.Q(
                                ("business__isnull", True),
                                ("guest_id__isnull", False),
                                ("membership__isnull", True),
                                ("user__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="chat_of_member_or_guest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("status__in", ["open", "with_staff"])),
                            models.Q(("ended_at__isnull", False), ("status__in", ["resolved", "closed"])),
                            _connector="OR",
                        ),
                        name="chat_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("csat__isnull", True), ("csat_at__isnull", True)),
                            models.Q(
                                ("csat__gte", 1),
                                ("csat__isnull", False),
                                ("csat__lte", 5),
                                ("csat_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="chat_csat_one_to_five",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="support_chat.supportconversation",
                    ),
                ),
                (
                    "through",
                    models.CharField(
                        choices=[("desk", "the desk in the admin"), ("api", "the API")], max_length=4
                    ),
                ),
                ("viewed_at", models.DateTimeField()),
                (
                    "seen_until",
                    models.DateTimeField(
                        help_text="To about half a minute, while a page of the desk was open."
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["conversation", "-viewed_at"], name="chat_view_of_conversation"),
                    models.Index(fields=["staff", "-viewed_at"], name="chat_view_of_staff"),
                    models.Index(fields=["-viewed_at"], name="chat_view_by_time"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("seen_until__gte", models.F("viewed_at"))),
                        name="chat_view_ends_after_it_began",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("through__in", ["desk", "api"])), name="chat_view_through_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SupportFigures",
            fields=[],
            options={
                "verbose_name": "figures",
                "verbose_name_plural": "figures",
                "proxy": True,
                "default_permissions": ("view",),
                "indexes": [],
                "constraints": [],
            },
            bases=("support_chat.supportconversation",),
        ),
        migrations.CreateModel(
            name="SupportMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="support_chat.supportconversation",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("segment", models.PositiveIntegerField(default=1)),
                (
                    "author",
                    models.CharField(
                        choices=[("user", "User"), ("bot", "Bot"), ("staff", "Staff"), ("system", "System")],
                        max_length=6,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("streaming", "Streaming"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="done",
                        max_length=9,
                    ),
                ),
                ("text", models.TextField(blank=True)),
                (
                    "answers",
                    models.OneToOneField(
                        help_text="The user's message it replies to.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reply",
                        to="support_chat.supportmessage",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("model", "Model"),
                            ("curated", "Curated"),
                            ("search", "search: passages as they are, no model answered"),
                            ("staff", "Staff"),
                            ("none", "none: it does not know, or must not"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "sources",
                    models.JSONField(default=list, help_text="[{slug, title}] of the articles it rests on."),
                ),
                ("language", models.CharField(blank=True, max_length=8)),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("request_id", models.UUIDField(help_text="Of the AI request that wrote it.", null=True)),
                ("model", models.CharField(blank=True, max_length=120)),
                (
                    "cost_usd",
                    config.core.models.UsdField(
                        decimal_places=8, default=0, max_digits=18, verbose_name="cost (USD)"
                    ),
                ),
                ("error_code", models.CharField(blank=True, max_length=60)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "lease_until",
                    models.DateTimeField(
                        help_text="Until when somebody is writing it, or is about to.", null=True
                    ),
                ),
                ("asker", models.CharField(blank=True, help_text="Whose key it is.", max_length=40)),
                ("idempotency_key", models.CharField(max_length=255, null=True)),
                (
                    "request_hash",
                    models.CharField(blank=True, help_text="Of what came with the key.", max_length=64),
                ),
                ("created_at", models.DateTimeField()),
                ("first_text_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["pending", "streaming"])),
                        fields=["lease_until"],
                        name="chat_message_unfinished",
                    ),
                    models.Index(fields=["created_at"], name="chat_message_by_time"),
                    models.Index(
                        condition=models.Q(("source__in", ["none", "search"])),
                        fields=["created_at"],
                        name="chat_message_without_help",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("conversation", "number"), name="chat_message_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency_key__isnull", False)),
                        fields=("asker", "idempotency_key"),
                        name="chat_message_key_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("author__in", ["user", "bot", "staff", "system"])),
                        name="chat_message_author_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("author", "bot"),
                                ("finished_at__isnull", True),
                                ("status__in", ["pending", "streaming"]),
                            ),
                            models.Q(("finished_at__isnull", False), ("status__in", ["done", "failed"])),
                            _connector="OR",
                        ),
                        name="chat_message_finished_iff_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lease_until__isnull", False), ("status__in", ["pending", "streaming"])
                            ),
                            models.Q(("lease_until__isnull", True), ("status__in", ["done", "failed"])),
                            _connector="OR",
                        ),
                        name="chat_message_leased_while_written",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("author", "bot"), _negated=True),
                            ("answers__isnull", False),
                            _connector="OR",
                        ),
                        name="chat_message_bot_answers_user",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="support_chat.supportmessage",
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("media_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("sha256", models.CharField(max_length=64)),
                ("pages", models.PositiveIntegerField(help_text="Of a PDF.", null=True)),
                (
                    "text_status",
                    models.CharField(
                        choices=[
                            ("read", "read: the assistant is told"),
                            ("empty", "empty: there is no text in it"),
                            ("withheld", "withheld: it reads like orders to the assistant"),
                        ],
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "created_at"], name="chat_attachment_of_user"),
                    models.Index(
                        condition=models.Q(("message__isnull", True)),
                        fields=["created_at"],
                        name="chat_attachment_unused",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("message__isnull", True)),
                        fields=("membership", "sha256"),
                        name="chat_attachment_waits_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "media_type__in",
                                [
                                    "image/png",
                                    "image/jpeg",
                                    "image/webp",
                                    "application/pdf",
                                    "text/plain",
                                    "text/csv",
                                ],
                            )
                        ),
                        name="chat_attachment_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size", 0), _negated=True), name="chat_attachment_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text_status__in", ["read", "empty", "withheld"])),
                        name="chat_attachment_text_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AttachmentContent",
            fields=[
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="support_chat.attachment",
                    ),
                ),
                ("data", models.BinaryField()),
                ("text", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="SupportTicket",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tickets",
                        to="support_chat.supportconversation",
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("resolved", "Resolved"),
                            ("handed_back", "handed back to the bot"),
                            ("closed", "closed with the conversation"),
                        ],
                        default="open",
                        max_length=11,
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[
                            ("low", "Low"),
                            ("normal", "Normal"),
                            ("high", "High"),
                            ("urgent", "Urgent"),
                        ],
                        default="normal",
                        max_length=6,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("user", "the user asked"),
                            ("model", "the bot asked"),
                            ("failures", "answers failed"),
                            ("staff", "staff stepped in"),
                        ],
                        max_length=8,
                    ),
                ),
                ("category", models.SlugField(db_index=False, default="other", max_length=40)),
                ("sentiment", models.CharField(default="neutral", max_length=8)),
                ("summary", models.TextField(blank=True)),
                ("segment", models.PositiveIntegerField(default=1)),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "waiting_since",
                    models.DateTimeField(help_text="Since when the user waits for staff.", null=True),
                ),
                ("first_reply_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["conversation", "-created_at"], name="chat_ticket_of_conversation"),
                    models.Index(fields=["-created_at"], name="chat_ticket_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("conversation",),
                        name="chat_ticket_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("status", "open")),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("status__in", ["resolved", "handed_back", "closed"]),
                                ("waiting_since__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="chat_ticket_ended_iff_not_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("priority__in", ["low", "normal", "high", "urgent"]),
                            ("reason__in", ["user", "model", "failures", "staff"]),
                            ("sentiment__in", ["positive", "neutral", "negative"]),
                        ),
                        name="chat_ticket_words_known",
                    ),
                ],
            },
        ),
    ]

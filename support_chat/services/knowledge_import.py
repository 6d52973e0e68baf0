"""Puts the articles and answers that ship with the product into the database, as often as one likes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from support_chat import knowledge_files, words
from support_chat.knowledge_files import FOLDER, Shipped, UnreadableKnowledge
from support_chat.models import CannedAnswer, KnowledgeArticle

from . import articles, figures


@dataclass(frozen=True, kw_only=True)
class Change:
    """`kind`: added, changed, withdrawn, kept (it was changed in the admin), indexed (anew, as it is)."""

    kind: str
    what: str
    slug: str
    fields: tuple[str, ...] = ()


def run(
    *, now: datetime, folder: Path = FOLDER, dry_run: bool = False, overwrite: bool = False
) -> list[Change]:
    """Makes the database say what the files say; returns what changed, or would. Twice changes nothing.

    What was changed in the admin stays until its file changes, or until `overwrite`. What was written in the
    admin is left alone; what came from a file that is gone is withdrawn, not deleted. All or nothing. Raises
    UnreadableKnowledge before anything is written, also for a figure that the catalogue doesn't have.
    """
    shipped, answers = knowledge_files.articles(folder), knowledge_files.answers(folder)
    _check([*shipped, *answers], slugs={one.slug for one in shipped}, now=now)
    with transaction.atomic():
        articles.lock()
        changes = [
            *_put(KnowledgeArticle, "article", "is_published", shipped, now=now, overwrite=overwrite),
            *_put(CannedAnswer, "answer", "is_active", answers, now=now, overwrite=overwrite),
        ]
        touched = {one.slug for one in changes if one.what == "article" and one.kind != "kept"}
        todo = KnowledgeArticle.objects.filter(Q(slug__in=touched) | ~Q(indexed_by=words.VERSION))
        changes += [
            Change(kind="indexed", what="article", slug=row.slug) for row in todo if row.slug not in touched
        ]
        if dry_run:
            transaction.set_rollback(True)
        elif todo:
            articles.index(articles=list(todo))
    return changes


def _check(shipped: list[Shipped], *, slugs: set[str], now: datetime) -> None:
    known = figures.figures(now=now)
    problems = []
    for one in shipped:
        unknown = {name for value in one.values.values() for name in figures.named(value)} - known.keys()
        problems += [f"{one.slug}: the catalogue has no figure {name}" for name in sorted(unknown)]
        further = one.values.get("article")
        if further and further not in slugs:
            problems.append(f"{one.slug}: there is no article {further}")
    if problems:
        raise UnreadableKnowledge(problems)


def _put(
    model: Any, what: str, shown: str, files: list[Shipped], *, now: datetime, overwrite: bool
) -> Iterator[Change]:
    """`shown` is the field that says whether a row is used at all."""
    rows, new = {row.slug: row for row in model.objects.all()}, []
    for file in files:
        row = rows.pop(file.slug, None)
        wanted = {**file.values, shown: True}
        if row is None:
            new.append(model(slug=file.slug, file_hash=file.hash, created_at=now, updated_at=now, **wanted))
            yield Change(kind="added", what=what, slug=file.slug)
            continue
        differing = tuple(name for name, value in wanted.items() if getattr(row, name) != value)
        if differing and row.file_hash == file.hash and not overwrite:
            yield Change(kind="kept", what=what, slug=file.slug, fields=differing)
        elif differing:
            _save(row, {**wanted, "file_hash": file.hash}, now)
            yield Change(kind="changed", what=what, slug=file.slug, fields=differing)
        elif row.file_hash != file.hash:
            _save(row, {"file_hash": file.hash}, row.updated_at)
    model.objects.bulk_create(new)
    for row in rows.values():
        if row.file_hash:
            _save(row, {shown: False, "file_hash": ""}, now)
            yield Change(kind="withdrawn", what=what, slug=row.slug)


def _save(row: Any, values: dict[str, Any], now: datetime) -> None:
    for name, value in {**values, "updated_at": now}.items():
        setattr(row, name, value)
    row.save(update_fields=[*values, "updated_at"])

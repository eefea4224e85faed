"""The contract of a kind, over all of them, and a new one made in a test."""

import pytest
from peewee import CharField, ForeignKeyField

from content import actions, history, search
from content.db import database
from content.errors import N_
from content.items import COMMON, KINDS, ContentType, Detail, FieldSpec, Item, address
from content.kinds import register
from content.permissions import is_public_to
from content.workflows import WORKFLOWS
from tests.samples import SAMPLES


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda k: k.name)
def test_a_kind_declares_itself_wholly(kind):
    assert kind.label
    assert kind.plural
    assert kind.help
    assert kind.workflow in WORKFLOWS
    names = [spec.name for spec in (*COMMON, *kind.fields)]
    assert len(names) == len(set(names)), "a field is declared twice"
    assert kind.detail._meta.primary_key.name == "item"
    for spec in kind.fields:
        assert hasattr(kind.detail, spec.name) or (kind.load and kind.store), f"{spec.name} is kept nowhere"


def test_no_two_kinds_share_an_address():
    with pytest.raises(ValueError, match="already"):
        register(KINDS["notice"])


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_goes_from_draft_to_readers_and_is_found(house, settings, name):
    admin = house.administrator
    section = house.library if name == "policy" else house.board
    item = actions.create(admin, name, section, {**SAMPLES[name], "audience": ""})
    while item.state != "published":
        steps = [
            t for t in actions.open_transitions(admin, item) if t.name in ("publish", "endorse", "submit")
        ]
        steps.sort(key=lambda t: ("publish", "endorse", "submit").index(t.name))
        actions.transition(admin, item, steps[0].name)
    assert is_public_to(None, Item.get_by_id(item.id))
    assert address(item).startswith(f"/{KINDS[name].address}/{item.id}")
    while search.index_pending(settings):
        pass
    found = search.find(settings, None, search.SearchQuery(SAMPLES[name]["title"]))
    assert item.uid in [hit.document for hit in found.hits]
    actions.transition(admin, item, "withdraw")
    while search.index_pending(settings):
        pass
    assert not search.find(settings, None, search.SearchQuery(SAMPLES[name]["title"])).hits


class PosterDetail(Detail):
    item = ForeignKeyField(Item, primary_key=True, on_delete="CASCADE")
    slogan = CharField(default="")


POSTER = ContentType(
    name="slogan",
    label=N_("Slogan"),
    plural=N_("Slogans"),
    address="slogans",
    detail=PosterDetail,
    help=N_("A kind that exists only in this test."),
    fields=(FieldSpec("slogan", N_("Slogan"), required=True, searchable=True),),
)


@pytest.fixture
def poster(house):
    """One module (the lines above) and one migration (this line): nothing else is touched."""
    database.create_tables([PosterDetail])
    register(POSTER)
    yield POSTER
    del KINDS["slogan"]


def test_a_new_kind_is_edited_compared_restored_and_searched(house, settings, poster):
    item = actions.create(house.editor, "slogan", house.board, {"title": "口號", "slogan": "隨手關燈"})
    actions.edit(house.editor, item, {"slogan": "隨手關門"}, version=item.version)
    old, new = (r.data for r in item.revisions.order_by(history.Revision.number))
    (change,) = history.compare(poster, old, new)
    assert change.pieces[-2:] == [("gone", "燈"), ("new", "門")]
    actions.restore_revision(house.editor, item, 1, version=item.version)
    actions.transition(house.reviewer, item, "publish")
    while search.index_pending(settings):
        pass
    hits = search.find(settings, None, search.SearchQuery("随手关灯")).hits
    assert [hit.document for hit in hits] == [item.uid]


def test_a_new_kind_has_its_pages(house, settings, poster, login):
    from portal.app import create_app

    client = create_app(settings).test_client()
    login(client, "editor")
    form = client.get(f"/work/new/slogan?section={house.board.id}")
    assert form.status_code == 200
    assert 'name="slogan"' in form.get_data(as_text=True)
    item = actions.create(house.editor, "slogan", house.board, {"title": "口號", "slogan": "隨手關燈"})
    actions.transition(house.reviewer, item, "publish")
    assert "隨手關燈" in client.get(address(item)).get_data(as_text=True)
    assert "口號" in client.get("/slogans/").get_data(as_text=True)

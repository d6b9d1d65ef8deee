import pytest
from hcloud.zones import ZonePrimaryNameserver, ZoneRecord, ZoneRRSet


@pytest.fixture
def zone(client):
    response = client.zones.create(name="example.org", mode="primary", labels={"a": "b"})
    response.action.wait_until_finished()
    return response.zone


def add(zone, name="*", type="A", values=("198.51.100.7",), **more):
    response = zone.create_rrset(name=name, type=type, records=[ZoneRecord(value=value) for value in values], **more)
    response.action.wait_until_finished()
    return response.rrset


def values(rrset):
    return [record.value for record in rrset.records]


def test_zone(client, zone, refuses):
    assert (zone.mode, zone.ttl, zone.status, zone.record_count) == ("primary", 3600, "ok", 4)
    assert [rrset.type for rrset in zone.get_rrset_all()] == ["SOA", "NS"]
    assert client.zones.get("example.org").id == client.zones.get(zone.id).id
    zone.change_ttl(300).wait_until_finished()
    assert client.zones.get("example.org").ttl == 300
    zone.change_protection(delete=True).wait_until_finished()
    refuses("protected", zone.delete)
    zone.change_protection(delete=False).wait_until_finished()
    assert zone.update(labels={"c": "d"}).labels == {"c": "d"}
    assert [one.name for one in client.zones.get_all(mode="primary", label_selector="c=d")] == ["example.org"]
    zone.delete().action.wait_until_finished()
    assert client.zones.get_all() == []


def test_zones_that_can_not_be(client, zone, refuses):
    refuses("uniqueness_error", client.zones.create, name="example.org", mode="primary")
    for name in ["ci.example.org", "org", "example.org.", "co.uk"]:
        refuses("invalid_input", client.zones.create, name=name, mode="primary")
    refuses("invalid_input", client.zones.create, name="example.com", mode="primary", ttl=5)


def test_record_sets(client, zone, refuses):
    rrset = add(zone, ttl=60, labels={"a": "b"})
    assert (rrset.id, rrset.ttl, values(rrset)) == ("*/A", 60, ["198.51.100.7"])
    assert values(zone.get_rrset("*", "A")) == ["198.51.100.7"]
    assert [one.name for one in zone.get_rrset_all(type=["A"], label_selector="a=b")] == ["*"]
    refuses("uniqueness_error", add, zone)
    rrset.update_rrset(labels={})
    rrset.change_rrset_ttl(None).wait_until_finished()
    rrset.add_rrset_records([ZoneRecord(value="198.51.100.8")]).wait_until_finished()
    rrset = zone.get_rrset("*", "A")
    assert (rrset.ttl, rrset.labels, values(rrset)) == (None, {}, ["198.51.100.7", "198.51.100.8"])
    rrset.set_rrset_records([ZoneRecord(value="198.51.100.9", comment="new")]).wait_until_finished()
    rrset.update_rrset_records([ZoneRecord(value="198.51.100.9", comment="newer")]).wait_until_finished()
    assert zone.get_rrset("*", "A").records[0].comment == "newer"
    rrset.change_rrset_protection(change=True).wait_until_finished()
    refuses("protected", rrset.delete_rrset)
    rrset.change_rrset_protection(change=False).wait_until_finished()
    rrset.delete_rrset().action.wait_until_finished()
    refuses("not_found", zone.get_rrset, "*", "A")


def test_records_come_and_go_with_their_set(client, zone, refuses):
    challenge = ZoneRRSet(name="_acme-challenge", type="TXT", zone=zone)
    zone.add_rrset_records(challenge, [ZoneRecord(value='"token"')], ttl=60).wait_until_finished()
    assert values(zone.get_rrset("_acme-challenge", "TXT")) == ['"token"']
    zone.remove_rrset_records(challenge, [ZoneRecord(value='"token"')]).wait_until_finished()
    refuses("not_found", zone.get_rrset, "_acme-challenge", "TXT")


@pytest.mark.parametrize(
    "wrong",
    [
        {"values": ["not an address"]},
        {"values": []},
        {"values": ["198.51.100.7", "198.51.100.7"]},
        {"type": "TXT", "values": ["no quotes"]},
        {"type": "CNAME", "values": ["a.example.com.", "b.example.com."]},
        {"name": "Upper"},
        {"name": "www.example.org."},
        {"type": "ABC"},
        {"ttl": 5},
    ],
)
def test_record_sets_that_can_not_be(zone, refuses, wrong):
    refuses("invalid_input", add, zone, **wrong)


def test_a_zone_that_others_keep(client, refuses):
    zone = client.zones.create(
        name="example.com", mode="secondary", primary_nameservers=[ZonePrimaryNameserver(address="198.51.100.1")]
    ).zone
    refuses("incorrect_zone_mode", zone.get_rrset_all)

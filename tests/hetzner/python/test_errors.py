from conftest import ENDPOINT
from hcloud import Client
from hcloud.server_types import ServerType


def test_token_that_nobody_has(refuses):
    refuses("unauthorized", Client(token="x" * 64, api_endpoint=ENDPOINT).servers.get_all)


def test_token_that_may_only_read(client, reader, refuses):
    client.networks.create(name="a", ip_range="10.0.0.0/16")
    assert len(reader.networks.get_all()) == 1
    refuses("token_readonly", reader.networks.create, name="b", ip_range="10.1.0.0/16")
    refuses("token_readonly", reader.networks.get_by_name("a").delete)


def test_what_is_not_there(client, refuses):
    refuses("not_found", client.servers.get_by_id, 99)
    refuses("not_found", client.servers.delete, _with_id(99))
    refuses("not_found", client.actions.get_by_id, 99)


def test_path_that_is_not_there(client, refuses):
    refuses("not_found", client.load_balancers.create, name="a", load_balancer_type=_with_name("lb11"))


def test_datacenters_are_gone(client, refuses):
    refuses("deprecated_api_endpoint", client.datacenters.get_all)


def test_every_field_that_is_wrong_is_named(client, refuses):
    refusal = refuses(
        "invalid_input",
        client.servers.create,
        name="not a host",
        server_type=ServerType(name="cx23"),
        image=_with_name("debian-13"),
        labels={"expires": "2026-11-27T10:00:00Z"},
        user_data="x" * (32 * 1024 + 1),
    )
    assert sorted(field["name"] for field in refusal.details["fields"]) == ["labels", "name", "user_data"]
    assert all(field["messages"] for field in refusal.details["fields"])


def test_labels(client, refuses):
    fine = {"expires-at": "2026-11-27T10.00.00Z", "example.org/owner": "a", "empty": "", "A_b.c-9": "x" * 63}
    assert client.networks.create(name="fine", ip_range="10.0.0.0/16", labels=fine).labels == fine
    for labels in [{"hetzner.cloud/a": "b"}, {"-a": "b"}, {"a": "b-"}, {"a": "x" * 64}, {"x" * 64: "a"}, {"a": "b c"}]:
        refuses("invalid_input", client.networks.create, name="wrong", ip_range="10.0.0.0/16", labels=labels)


def test_names_are_unique_in_a_kind(client, refuses):
    client.networks.create(name="a", ip_range="10.0.0.0/16")
    client.firewalls.create(name="a")
    refusal = refuses("uniqueness_error", client.networks.create, name="a", ip_range="10.1.0.0/16")
    assert refusal.details["fields"] == [{"name": "name"}]
    other = client.networks.create(name="b", ip_range="10.1.0.0/16")
    refuses("uniqueness_error", other.update, name="a")
    assert other.update(name="b").name == "b"


class _Named:
    def __init__(self, **values):
        self.id = None
        self.name = None
        self.__dict__.update(values)
        self.id_or_name = self.id or self.name


def _with_id(number):
    return _Named(id=number)


def _with_name(name):
    return _Named(name=name)

import pytest
from hcloud import APIException
from hcloud.images import Image
from hcloud.locations import Location
from hcloud.server_types import ServerType
from hcloud.servers import ServerCreatePublicNetwork
from test_networks import KEY


def done(action):
    action.wait_until_finished()
    assert (action.status, action.progress, action.error) == ("success", 100, None)


def test_a_server_from_nothing(client):
    key = client.ssh_keys.create(name="key", public_key=KEY)
    group = client.placement_groups.create(name="group", type="spread").placement_group
    response = client.servers.create(
        name="one",
        server_type=ServerType(name="cx23"),
        image=Image(name="debian-13"),
        location=Location(name="nbg1"),
        ssh_keys=[key],
        placement_group=group,
        user_data="#cloud-config\n{}",
        labels={"a": "b"},
    )
    assert (response.server.status, response.root_password) == ("initializing", None)
    assert (response.action.command, response.action.status) == ("create_server", "running")
    assert [action.command for action in response.next_actions] == ["start_server"]
    for action in [response.action, *response.next_actions]:
        done(action)
    server = client.servers.get_by_name("one")
    assert (server.status, server.locked, server.location.name) == ("running", False, "nbg1")
    assert (server.server_type.name, server.image.name, server.primary_disk_size) == ("cx23", "debian-13", 40)
    assert "datacenter" not in client._client.request(method="GET", url=f"/servers/{server.id}")["server"]
    assert server.placement_group.id == group.id
    assert server.public_net.ipv4.ip and server.public_net.ipv6.ip.endswith("/64")
    assert server.public_net.ipv4.dns_ptr.startswith("static.")
    commands = [action.command for action in server.get_actions()]
    assert commands == ["create_server", "start_server"]
    done(server.delete())
    assert client.servers.get_all() == []
    assert client.primary_ips.get_all() == []
    assert client.placement_groups.get_by_id(group.id).servers == []


def test_password_without_a_key(client):
    response = client.servers.create(
        name="one", server_type=ServerType(name="cx23"), image=Image(name="debian-13"), start_after_create=False
    )
    assert response.root_password
    done(response.action)
    assert response.next_actions == []
    assert client.servers.get_by_name("one").status == "off"


def test_power(make_server):
    server = make_server()
    for work, status in [("power_off", "off"), ("power_on", "running"), ("reboot", "running"), ("reset", "running")]:
        done(getattr(server, work)())
        server.reload()
        assert server.status == status, work
    done(server.shutdown())
    server.reload()
    assert server.status in ("stopping", "off")


def test_one_action_at_a_time(make_server, refuses):
    server = make_server()
    action = server.power_off()
    refuses("locked", server.power_on)
    refuses("locked", server.delete)
    done(action)
    done(server.delete())


def test_another_type(make_server, client, refuses):
    server = make_server()
    refuses("server_not_stopped", server.change_type, ServerType(name="cx33"), upgrade_disk=False)
    done(server.power_off())
    refuses("invalid_server_type", server.change_type, ServerType(name="cax11"), upgrade_disk=False)
    done(server.change_type(ServerType(name="cx33"), upgrade_disk=True))
    server.reload()
    assert (server.server_type.name, server.primary_disk_size, server.status) == ("cx33", 80, "off")
    refuses("invalid_server_type", server.change_type, ServerType(name="cx23"), upgrade_disk=False)


def test_rebuild(make_server, client):
    server = make_server()
    done(server.rebuild(Image(name="debian-12")).action)
    server.reload()
    assert (server.image.name, server.status) == ("debian-12", "running")


def test_protection(make_server, refuses):
    server = make_server()
    done(server.change_protection(delete=True, rebuild=True))
    refuses("protected", server.delete)
    refuses("protected", server.rebuild, Image(name="debian-12"))
    refuses("invalid_input", server.change_protection, delete=False)
    done(server.change_protection(delete=False, rebuild=False))
    done(server.delete())


def test_names(make_server, refuses):
    server = make_server()
    refuses("invalid_input", server.update, name="under_score")
    refuses("uniqueness_error", make_server, "one")
    assert server.update(name="host.example.org", labels={"a": "b"}).name == "host.example.org"


def test_reverse_dns(make_server, refuses):
    server = make_server()
    address = server.public_net.ipv4.ip
    done(server.change_dns_ptr(address, "ci.example.org"))
    server.reload()
    assert server.public_net.ipv4.dns_ptr == "ci.example.org"
    done(server.change_dns_ptr(address, None))
    server.reload()
    assert server.public_net.ipv4.dns_ptr.startswith("static.")
    inside = server.public_net.ipv6.ip.replace("::/64", "::1")
    done(server.change_dns_ptr(inside, "ci.example.org"))
    server.reload()
    assert server.public_net.ipv6.dns_ptr == [{"ip": inside, "dns_ptr": "ci.example.org"}]
    refuses("not_found", server.change_dns_ptr, "198.18.0.1", "x.example.org")


def test_placement_group(client, make_server, refuses):
    group = client.placement_groups.create(name="group", type="spread").placement_group
    servers = [make_server(f"s{number}", placement_group=group) for number in range(10)]
    refuses("placement_error", make_server, "s10", placement_group=group)
    done(servers[0].remove_from_placement_group())
    refuses("server_not_stopped", servers[0].add_to_placement_group, group)
    done(servers[0].power_off())
    done(servers[0].add_to_placement_group(group))
    refuses("already_in_placement_group", servers[0].add_to_placement_group, group)
    group.reload()
    assert len(group.servers) == 10
    assert group.delete()
    servers[0].reload()
    assert servers[0].placement_group is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"server_type": ServerType(name="cx99")},
        {"server_type": ServerType(name="cx22")},
        {"image": Image(name="beos-5")},
        {"location": Location(name="moon1")},
        {"location": Location(name="ash")},
    ],
)
def test_orders_that_nobody_can_fill(make_server, refuses, client, wrong):
    refuses("invalid_input", make_server, **wrong)
    assert client.servers.get_all() == [] and client.primary_ips.get_all() == []


def test_a_refused_order_leaves_nothing(client, make_server, refuses):
    bare = client.networks.create(name="bare", ip_range="10.5.0.0/16")
    with pytest.raises(APIException, match="no subnet"):
        make_server(networks=[bare], public_net=ServerCreatePublicNetwork())
    assert client.servers.get_all() == [] and client.primary_ips.get_all() == []


def test_catalogue(client):
    types = {one.name: one for one in client.server_types.get_all()}
    assert types["cx23"].deprecation is None and types["cx22"].deprecation is not None
    assert types["cax11"].architecture == "arm"
    locations = {one.location.name: one for one in types["cx23"].locations}
    assert sorted(locations) == ["fsn1", "hel1", "nbg1"]
    assert {price["location"] for price in types["cx23"].prices} == set(locations)
    assert client.locations.get_by_name("fsn1").network_zone == "eu-central"
    assert client.images.get_by_name_and_architecture("debian-13", "arm").architecture == "arm"
    assert client.images.get_by_name_and_architecture("debian-11", "x86") is None
    assert client.images.get_by_name_and_architecture("debian-11", "x86", include_deprecated=True)
    assert client.isos.get_all() == [] and client.load_balancers.get_all() == []
    pricing = client._client.request(method="GET", url="/pricing")["pricing"]
    assert pricing["currency"] == "EUR" and pricing["server_types"][0]["prices"][0]["price_hourly"]["net"]

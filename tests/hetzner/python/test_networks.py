import pytest
from hcloud.networks import NetworkRoute, NetworkSubnet

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEx5b3VyLWtleS1mb3ItdGVzdHMtb25seS0wMDAwMDAx"


def subnet(ip_range, zone="eu-central"):
    return NetworkSubnet(type="cloud", ip_range=ip_range, network_zone=zone)


@pytest.fixture
def network(client):
    return client.networks.create(name="net", ip_range="10.0.0.0/16", subnets=[subnet("10.0.1.0/24")])


def test_ssh_keys(client, refuses):
    key = client.ssh_keys.create(name="a", public_key=f"{KEY} me@home")
    assert client.ssh_keys.get_by_fingerprint(key.fingerprint).id == key.id
    assert key.update(name="b", labels={"a": "b"}).labels == {"a": "b"}
    refusal = refuses("uniqueness_error", client.ssh_keys.create, name="other", public_key=KEY)
    assert refusal.details["fields"] == [{"name": "public_key"}]
    refuses("invalid_input", client.ssh_keys.create, name="other", public_key="no key")
    assert key.delete()
    assert client.ssh_keys.get_all() == []


def test_network(client, network):
    assert (network.ip_range, network.servers, network.protection) == ("10.0.0.0/16", [], {"delete": False})
    first = network.subnets[0]
    assert (first.ip_range, first.gateway, first.network_zone) == ("10.0.1.0/24", "10.0.0.1", "eu-central")
    assert network.update(name="other", labels={"a": "b"}).name == "other"
    assert network.delete()
    assert client.networks.get_all() == []


@pytest.mark.parametrize("ip_range", ["8.8.0.0/16", "10.0.0.1/16", "10.0.0.0/28", "fd00::/64", "text"])
def test_ranges_that_no_network_has(client, refuses, ip_range):
    refusal = refuses("invalid_input", client.networks.create, name="a", ip_range=ip_range)
    assert refusal.details["fields"][0]["name"] == "ip_range"


def test_subnets(client, network, refuses):
    network.add_subnet(subnet("10.0.2.0/24")).wait_until_finished()
    network.add_subnet(subnet(None)).wait_until_finished()
    network.reload()
    assert [one.ip_range for one in network.subnets] == ["10.0.1.0/24", "10.0.2.0/24", "10.0.0.0/24"]
    refuses("invalid_input", network.add_subnet, subnet("10.0.2.128/25"))
    refuses("invalid_input", network.add_subnet, subnet("10.1.0.0/24"))
    refuses("invalid_input", network.add_subnet, subnet("10.0.3.0/24", zone="moon"))
    network.delete_subnet(subnet("10.0.2.0/24")).wait_until_finished()
    network.reload()
    assert len(network.subnets) == 2
    refuses("invalid_input", network.delete_subnet, subnet("10.0.2.0/24"))


def test_routes(network, refuses):
    route = NetworkRoute(destination="10.100.1.0/24", gateway="10.0.1.5")
    network.add_route(route).wait_until_finished()
    network.reload()
    assert [(one.destination, one.gateway) for one in network.routes] == [("10.100.1.0/24", "10.0.1.5")]
    refuses("invalid_input", network.add_route, route)
    refuses("invalid_input", network.add_route, NetworkRoute(destination="10.9.0.0/24", gateway="10.9.0.5"))
    network.delete_route(route).wait_until_finished()
    network.reload()
    assert network.routes == []


def test_a_network_only_grows(network, refuses):
    refuses("invalid_input", network.change_ip_range, "10.0.0.0/24")
    network.change_ip_range("10.0.0.0/12").wait_until_finished()
    network.reload()
    assert network.ip_range == "10.0.0.0/12"


def test_delete_protection(network, refuses):
    network.change_protection(delete=True).wait_until_finished()
    refuses("protected", network.delete)
    network.change_protection(delete=False).wait_until_finished()
    assert network.delete()


def test_a_server_in_a_network(client, network, make_server, refuses):
    server = make_server(networks=[network])
    assert [(net.ip, net.network.id) for net in server.private_net] == [("10.0.1.1", network.id)]
    other = make_server("two")
    other.attach_to_network(network, ip="10.0.1.77").wait_until_finished()
    other.reload()
    assert other.private_net[0].ip == "10.0.1.77"
    network.reload()
    assert sorted(one.id for one in network.servers) == sorted([server.id, other.id])
    refusal = refuses("service_error", network.delete_subnet, subnet("10.0.1.0/24"))
    assert "servers are attached" in refusal.message
    refuses("server_already_attached", other.attach_to_network, network)
    third = make_server("three")
    refuses("ip_not_available", third.attach_to_network, network, ip="10.0.1.77")
    refuses("ip_not_available", third.attach_to_network, network, ip="10.0.9.1")
    other.change_alias_ips(network, ["10.0.1.200"]).wait_until_finished()
    other.reload()
    assert other.private_net[0].alias_ips == ["10.0.1.200"]
    other.detach_from_network(network).wait_until_finished()
    other.reload()
    assert other.private_net == []


def test_networks_that_no_server_can_be_in(client, make_server, network, refuses):
    server = make_server(networks=[network])
    bare = client.networks.create(name="bare", ip_range="10.5.0.0/16")
    refuses("no_subnet_available", server.attach_to_network, bare)
    overseas = client.networks.create(
        name="overseas", ip_range="10.6.0.0/16", subnets=[subnet("10.6.0.0/24", zone="us-east")]
    )
    refuses("no_subnet_available", server.attach_to_network, overseas)
    same = client.networks.create(name="same", ip_range="10.0.0.0/16", subnets=[subnet("10.0.7.0/24")])
    refuses("networks_overlap", server.attach_to_network, same)

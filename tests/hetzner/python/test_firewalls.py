import pytest
from hcloud.firewalls import FirewallResource, FirewallResourceLabelSelector, FirewallRule
from hcloud.servers import ServerCreatePublicNetwork

ANYWHERE = ["0.0.0.0/0", "::/0"]
SSH = FirewallRule(direction="in", protocol="tcp", port="22", source_ips=ANYWHERE, description="ssh")


def on(server):
    return FirewallResource(type="server", server=server)


def by(selector):
    return FirewallResource(type="label_selector", label_selector=FirewallResourceLabelSelector(selector=selector))


def finish(actions):
    for action in actions:
        action.wait_until_finished()


@pytest.fixture
def firewall(client):
    return client.firewalls.create(name="wall", rules=[SSH]).firewall


def test_rules(client, firewall, refuses):
    assert [(rule.port, rule.description) for rule in firewall.rules] == [("22", "ssh")]
    web = FirewallRule(direction="in", protocol="tcp", port="80-443", source_ips=["10.0.0.0/8"])
    ping = FirewallRule(direction="out", protocol="icmp", destination_ips=ANYWHERE)
    finish(firewall.set_rules([web, ping]))
    firewall.reload()
    assert [rule.protocol for rule in firewall.rules] == ["tcp", "icmp"]
    finish(firewall.set_rules([]))
    for wrong in [
        FirewallRule(direction="in", protocol="tcp", source_ips=ANYWHERE),
        FirewallRule(direction="in", protocol="icmp", port="1", source_ips=ANYWHERE),
        FirewallRule(direction="in", protocol="tcp", port="99999", source_ips=ANYWHERE),
        FirewallRule(direction="in", protocol="tcp", port="22", source_ips=["10.0.0.1"]),
        FirewallRule(direction="in", protocol="tcp", port="22"),
    ]:
        refuses("invalid_input", firewall.set_rules, [wrong])
    refuses("invalid_input", firewall.set_rules, [SSH] * 51)


def test_firewall_of_a_server(client, firewall, make_server, refuses):
    server = make_server(firewalls=[firewall])
    assert [one.firewall.id for one in server.public_net.firewalls] == [firewall.id]
    firewall.reload()
    assert firewall.applied_to[0].server.id == server.id
    refuses("resource_in_use", firewall.delete)
    refuses("firewall_already_applied", firewall.apply_to_resources, [on(server)])
    finish(firewall.remove_from_resources([on(server)]))
    server.reload()
    assert server.public_net.firewalls == []
    refuses("firewall_already_removed", firewall.remove_from_resources, [on(server)])
    assert firewall.delete()


def test_firewall_by_labels(client, firewall, make_server, refuses):
    server = make_server(labels={"role": "node"})
    make_server("two", labels={"role": "other"})
    finish(firewall.apply_to_resources([by("role=node")]))
    firewall.reload()
    assert [one.server.id for one in firewall.applied_to[0].applied_to_resources] == [server.id]
    refuses("firewall_managed_by_label_selector", firewall.remove_from_resources, [on(server)])
    refuses("resource_in_use", firewall.delete)
    server.update(labels={"role": "none"})
    server.reload()
    assert server.public_net.firewalls == []
    refuses("resource_in_use", firewall.delete)
    finish(firewall.remove_from_resources([by("role=node")]))
    assert firewall.delete()


def test_firewall_outlives_its_server(client, firewall, make_server):
    server = make_server(firewalls=[firewall])
    server.delete().wait_until_finished()
    firewall.reload()
    assert firewall.applied_to == []
    assert firewall.delete()


def test_firewalls_that_can_not_be_applied(client, firewall, make_server, refuses):
    gone = make_server()
    gone.delete().wait_until_finished()
    refuses("firewall_resource_not_found", firewall.apply_to_resources, [on(gone)])
    refuses("firewall_resource_not_found", client.firewalls.create, name="new", resources=[on(gone)])
    assert client.firewalls.get_by_name("new") is None
    private = make_server("private", public_net=ServerCreatePublicNetwork(enable_ipv4=False, enable_ipv6=False))
    refuses("private_net_only_server", firewall.apply_to_resources, [on(private)])

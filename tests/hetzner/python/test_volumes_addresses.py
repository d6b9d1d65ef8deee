from hcloud.locations import Location
from hcloud.servers import ServerCreatePublicNetwork

FSN1 = Location(name="fsn1")


def new_volume(client, **more):
    response = client.volumes.create(**{"name": "data", "size": 10, "location": FSN1, **more})
    for action in [response.action, *response.next_actions]:
        action.wait_until_finished()
    return client.volumes.get_by_id(response.volume.id)


def new_address(client, **more):
    wanted = {"name": "address", "type": "ipv4", "assignee_type": "server", "location": FSN1, **more}
    return client.primary_ips.create(**wanted).primary_ip


def test_volume(client, make_server, refuses):
    volume = new_volume(client, format="ext4")
    assert (volume.status, volume.format, volume.server) == ("available", "ext4", None)
    assert volume.linux_device == f"/dev/disk/by-id/scsi-0HC_Volume_{volume.id}"
    server = make_server()
    volume.attach(server).wait_until_finished()
    volume.reload()
    server.reload()
    assert volume.server.id == server.id and [one.id for one in server.volumes] == [volume.id]
    refuses("volume_already_attached", volume.attach, server)
    refuses("service_error", volume.delete)
    volume.resize(20).wait_until_finished()
    volume.reload()
    assert volume.size == 20
    refuses("invalid_input", volume.resize, 15)
    volume.detach().wait_until_finished()
    refuses("service_error", volume.detach)
    volume.change_protection(delete=True).wait_until_finished()
    refuses("protected", volume.delete)
    volume.change_protection(delete=False).wait_until_finished()
    assert volume.update(name="other").name == "other"
    assert volume.delete()


def test_volume_that_comes_with_its_server(client, make_server):
    server = make_server()
    volume = new_volume(client, location=None, server=server)
    assert volume.server.id == server.id and volume.location.name == "fsn1"
    other = new_volume(client, name="more")
    second = make_server("two", volumes=[other])
    assert [one.id for one in second.volumes] == [other.id]
    server.delete().wait_until_finished()
    volume.reload()
    assert volume.server is None


def test_volumes_that_can_not_be(client, make_server, refuses):
    refuses("invalid_input", new_volume, client, size=9)
    refuses("invalid_input", new_volume, client, location=Location(name="moon1"))
    far = new_volume(client, location=Location(name="hel1"))
    refuses("invalid_input", far.attach, make_server())
    refuses("uniqueness_error", new_volume, client)


def test_address_outlives_its_server(client, make_server, refuses):
    address = new_address(client)
    assert address.assignee_id is None and address.auto_delete is False
    server = make_server(public_net=ServerCreatePublicNetwork(ipv4=address, enable_ipv6=False))
    assert (server.public_net.ipv4.ip, server.public_net.ipv6) == (address.ip, None)
    refuses("primary_ip_assigned", make_server, "two", public_net=ServerCreatePublicNetwork(ipv4=address))
    refuses("must_be_unassigned", address.delete)
    refuses("server_not_stopped", address.unassign)
    server.delete().wait_until_finished()
    address.reload()
    assert address.assignee_id is None
    assert address.delete()
    assert client.primary_ips.get_all() == []


def test_address_of_a_stopped_server(client, make_server, refuses):
    server = make_server(public_net=ServerCreatePublicNetwork(enable_ipv4=False))
    address = new_address(client)
    refuses("server_not_stopped", address.assign, server.id, "server")
    server.power_off().wait_until_finished()
    address.assign(server.id, "server").wait_until_finished()
    server.reload()
    assert server.public_net.ipv4.ip == address.ip
    refuses("primary_ip_already_assigned", address.assign, server.id, "server")
    refuses("server_has_ipv4", new_address(client, name="second").assign, server.id, "server")
    address.unassign().wait_until_finished()
    assert address.delete()


def test_addresses_that_do_not_fit(client, make_server, refuses):
    far = new_address(client, location=Location(name="hel1"))
    refuses("primary_ip_datacenter_mismatch", make_server, public_net=ServerCreatePublicNetwork(ipv4=far))
    six = new_address(client, name="six", type="ipv6")
    assert six.ip.endswith("/64")
    refuses("primary_ip_version_mismatch", make_server, public_net=ServerCreatePublicNetwork(ipv4=six))
    assert client.servers.get_all() == []


def test_address_of_its_own(client, refuses):
    address = new_address(client)
    address.change_dns_ptr(address.ip, "ci.example.org").wait_until_finished()
    address.reload()
    assert address.dns_ptr == [{"ip": address.ip, "dns_ptr": "ci.example.org"}]
    address.change_protection(delete=True).wait_until_finished()
    refuses("protected", address.delete)
    address.change_protection(delete=False).wait_until_finished()
    assert address.update(name="other", auto_delete=True).auto_delete is True
    assert client.primary_ips.get_list(ip=address.ip).primary_ips[0].id == address.id
    assert address.delete()

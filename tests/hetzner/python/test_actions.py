import pytest
from hcloud import APIException
from hcloud.actions import ActionFailedException
from hcloud.locations import Location
from hcloud.volumes import Volume


def test_actions_of_all_kinds(client, make_server):
    server = make_server()
    network = client.networks.create(name="net", ip_range="10.0.0.0/16")
    network.change_protection(delete=True).wait_until_finished()
    volume = client.volumes.create(name="data", size=10, location=Location(name="fsn1"))
    volume.action.wait_until_finished()
    assert [one.command for one in network.get_actions()] == ["change_protection"]
    assert [one.command for one in volume.volume.get_actions(status=["success"])] == ["create_volume"]
    assert volume.volume.get_actions(status=["error"]) == []
    assert [one.command for one in server.get_actions(sort=["command:desc"])] == ["start_server", "create_server"]
    assert len(client.servers.actions.get_all()) == 2
    one = client.volumes.actions.get_by_id(volume.action.id)
    assert (one.command, one.status, one.progress) == ("create_volume", "success", 100)
    assert one.resources == [{"id": volume.volume.id, "type": "volume"}]
    assert client.actions.get_by_id(volume.action.id).finished >= one.started


def test_actions_of_another_kind_are_not_found(client, make_server, refuses):
    server = make_server()
    refuses("not_found", client.volumes.actions.get_by_id, server.get_actions()[0].id)
    refuses("not_found", client.volumes.get_actions, Volume(id=99))


def test_a_failure_is_told(client, make_server):
    """The look-alike was told to fail the first resize of a volume in this run."""
    volume = client.volumes.create(name="data", size=10, location=Location(name="fsn1"))
    volume.action.wait_until_finished()
    with pytest.raises(ActionFailedException) as caught:
        volume.volume.resize(20).wait_until_finished()
    assert caught.value.action.error == {"code": "resize_failed", "message": "no room"}
    assert client.volumes.get_by_id(volume.volume.id).size == 10


def test_too_many_requests_are_asked_again(client):
    """The look-alike answers the first request for load balancers with 429."""
    assert client.load_balancers.get_all() == []


def test_an_api_that_is_down_is_told(client):
    """The look-alike answers the first request for certificates with 503."""
    with pytest.raises(APIException) as caught:
        client.certificates.get_all()
    assert caught.value.code == "unavailable"
    assert client.certificates.get_all() == []

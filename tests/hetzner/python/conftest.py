"""The official client against the look-alike. Each test has an empty project of its own."""

import itertools
import os
import warnings

import pytest
from hcloud import APIException, Client
from hcloud.images import Image
from hcloud.locations import Location
from hcloud.server_types import ServerType

ENDPOINT = os.environ["HCLOUD_ENDPOINT"]
_numbers = itertools.count(1)

# The client still asks for some things by names of its own past.
warnings.filterwarnings("ignore", category=DeprecationWarning)


@pytest.fixture
def number():
    return next(_numbers)


@pytest.fixture
def client(number):
    return Client(token=f"{number:064d}", api_endpoint=ENDPOINT, poll_interval=0.02)


@pytest.fixture
def reader(number):
    """The same project with a token that may only read."""
    return Client(token=f"r{number:063d}", api_endpoint=ENDPOINT, poll_interval=0.02)


@pytest.fixture
def refuses():
    """Calls something that must be refused, and gives the refusal."""

    def call(code, work, *args, **kwargs):
        with pytest.raises(APIException) as caught:
            work(*args, **kwargs)
        assert caught.value.code == code, caught.value
        return caught.value

    return call


@pytest.fixture
def make_server(client):
    """Creates a server and waits until all that comes with it is done."""

    def make(name="one", **more):
        options = {
            "server_type": ServerType(name="cx23"),
            "image": Image(name="debian-13"),
            "location": Location(name="fsn1"),
        }
        response = client.servers.create(name=name, **{**options, **more})
        for action in [response.action, *response.next_actions]:
            action.wait_until_finished()
        return client.servers.get_by_id(response.server.id)

    return make

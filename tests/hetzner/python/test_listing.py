from conftest import ENDPOINT
from hcloud import Client


def groups(count, client):
    for number in range(count):
        client.placement_groups.create(name=f"group-{number:03d}", type="spread", labels=labels(number))


def labels(number):
    return {"number": str(number), "parity": "even" if number % 2 == 0 else "odd", **({"first": ""} if number == 0 else {})}


def names(client, selector):
    return [one.name for one in client.placement_groups.get_all(label_selector=selector)]


def test_pages(client):
    groups(53, client)
    first = client.placement_groups.get_list()
    assert len(first.placement_groups) == 25
    page = first.meta.pagination
    assert (page.page, page.per_page, page.previous_page, page.next_page) == (1, 25, None, 2)
    assert (page.last_page, page.total_entries) == (3, 53)
    last = client.placement_groups.get_list(page=2, per_page=50)
    assert len(last.placement_groups) == 3
    assert (last.meta.pagination.previous_page, last.meta.pagination.next_page) == (1, None)
    assert len(client.placement_groups.get_all()) == 53


def test_label_selectors(client):
    groups(5, client)
    assert names(client, "number=3") == ["group-003"]
    assert names(client, "number==3") == ["group-003"]
    assert names(client, "number!=3,parity=odd") == ["group-001"]
    assert names(client, "first") == ["group-000"]
    assert names(client, "!first,parity=even") == ["group-002", "group-004"]
    assert names(client, "number in (1,2)") == ["group-001", "group-002"]
    assert names(client, "number notin (1, 2, 3)") == ["group-000", "group-004"]
    assert names(client, "first notin (x)") == [f"group-{number:03d}" for number in range(5)]
    assert names(client, "absent!=x") == [f"group-{number:03d}" for number in range(5)]


def test_selector_that_is_none(client, refuses):
    refusal = refuses("invalid_input", client.placement_groups.get_all, label_selector="a in")
    assert refusal.details["fields"][0]["name"] == "label_selector"


def test_name_and_order(client):
    groups(3, client)
    assert client.placement_groups.get_by_name("group-001").labels["parity"] == "odd"
    assert client.placement_groups.get_by_name("group-009") is None
    in_order = client.placement_groups.get_all(sort=["name:desc"])
    assert [one.name for one in in_order] == ["group-002", "group-001", "group-000"]


def test_order_that_is_none(client, refuses):
    refuses("invalid_input", client.placement_groups.get_all, sort=["colour"])


def test_ids_are_unique_over_all_kinds(client):
    group = client.placement_groups.create(name="a", type="spread").placement_group
    network = client.networks.create(name="a", ip_range="10.0.0.0/16")
    firewall = client.firewalls.create(name="a").firewall
    assert len({group.id, network.id, firewall.id}) == 3


def test_projects_do_not_see_each_other(client, number):
    client.networks.create(name="mine", ip_range="10.0.0.0/16")
    other = Client(token=f"{number + 50:064d}", api_endpoint=ENDPOINT)
    assert other.networks.get_all() == []

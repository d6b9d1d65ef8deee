import { z } from "zod";
import { name } from "../api/fields.ts";
import { labels } from "../api/labels.ts";
import { created, del, NOTHING, post, type Route } from "../api/route.ts";
import type { Project } from "../project.ts";
import { assertUniqueName } from "../store.ts";
import { commonRoutes, type Kind, type Resource } from "./kind.ts";

/** Servers that are never on the same hardware. */
export interface PlacementGroup extends Resource {
  type: "spread";
}

/** Servers that one group has at most. */
export const LARGEST_GROUP = 10;

const KIND: Kind<PlacementGroup> = {
  plural: "placement_groups",
  singular: "placement_group",
  store: ({ placementGroups }) => placementGroups,
  view: placementGroupView,
  filters: { type: ({ type }) => type },
  hasActions: false,
};

const request = z.object({ name, type: z.literal("spread"), labels: labels.default({}) });

export const PLACEMENT_GROUP_ROUTES: readonly Route[] = [
  ...commonRoutes(KIND),
  post("/placement_groups", (call) => {
    const { placementGroups } = call.project;
    const wanted = call.json(request);
    assertUniqueName(placementGroups, wanted.name);
    const group = placementGroups.add({ id: call.world.nextId(), created: call.world.now(), ...wanted });
    return created({ placement_group: placementGroupView(group, call.project), action: null });
  }),
  del("/placement_groups/:id", (call) => {
    const { project } = call;
    const { id } = project.placementGroups.get(call.id());
    for (const server of members(id, project)) server.placementGroup = undefined;
    project.placementGroups.remove(id);
    return NOTHING;
  }),
];

/** A group as the API shows it. */
export function placementGroupView(group: PlacementGroup, project: Project) {
  return { ...group, servers: members(group.id, project).map(({ id }) => id) };
}

/** The servers in a group. */
export function members(group: number, project: Project) {
  return project.servers.all().filter(({ placementGroup }) => placementGroup === group);
}

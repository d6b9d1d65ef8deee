import { z } from "zod";
import type { Action } from "../actions.ts";
import { notFound } from "../api/api-error.ts";
import { name } from "../api/fields.ts";
import { labels } from "../api/labels.ts";
import { type Filters, type Listable, linkHeader, paginate, select } from "../api/listing.ts";
import { type Answer, type Call, get, ok, put, type Route } from "../api/route.ts";
import type { Project } from "../project.ts";
import { assertUniqueName, type Store } from "../store.ts";

/** What every resource has. */
export interface Resource {
  id: number;
  name: string;
  created: string;
  labels: Record<string, string>;
}

/** A kind of resource, as far as the API treats all of them alike. */
export interface Kind<T extends Resource> {
  /** In paths and lists: `servers`. */
  plural: string;
  /** In answers, and as the type of an action's resource: `server`. */
  singular: string;
  store: (project: Project) => Store<T>;
  /** One as the API shows it. */
  view: (resource: T, project: Project) => unknown;
  /** Parameters of the list beside `name`. */
  filters?: Filters<T>;
  /** Rule of its names, when it is a special one. */
  name?: z.ZodType<string>;
  /** What an update changes beside name and labels. */
  update?: (resource: T, call: Call) => void;
  /** Kinds without actions have no paths for them. */
  hasActions?: boolean;
}

/** List, look at and update one kind, and look at its actions. */
export function commonRoutes<T extends Resource>(kind: Kind<T>): Route[] {
  const { plural, singular, store, view } = kind;
  const path = `/${plural}`;
  return [
    ...(kind.hasActions === false ? [] : actionRoutes(path, singular, (call) => store(call.project).get(call.id()).id)),
    get(path, (call) =>
      list(call, plural, select(store(call.project).all(), call.query, filtersOf(kind)), (one) =>
        view(one, call.project),
      ),
    ),
    get(`${path}/:id`, (call) => ok({ [singular]: view(store(call.project).get(call.id()), call.project) })),
    put(`${path}/:id`, (call) => {
      const resource = store(call.project).get(call.id());
      const wanted = call.json(z.object({ name: (kind.name ?? name).optional(), labels: labels.optional() }));
      if (wanted.name !== undefined) assertUniqueName(store(call.project), wanted.name, resource.id);
      resource.name = wanted.name ?? resource.name;
      resource.labels = wanted.labels ?? resource.labels;
      kind.update?.(resource, call);
      return ok({ [singular]: view(resource, call.project) });
    }),
  ];
}

function filtersOf<T extends Resource>({ filters }: Kind<T>): Filters<T> {
  return { name: (one) => one.name, ...filters };
}

/** Paths of the actions of one kind, and of one resource of it. */
export function actionRoutes(path: string, type: string, idOf: (call: Call) => number): Route[] {
  const ofKind = ({ project }: Call) => actionsOf(project, (target) => target.type === type);
  const ofOne = (call: Call) => {
    const id = idOf(call);
    return actionsOf(call.project, (target) => target.type === type && target.id === id);
  };
  return [
    get(`${path}/actions`, (call) => listActions(call, ofKind(call))),
    get(`${path}/actions/:action`, (call) => oneAction(call, ofKind(call))),
    get(`${path}/:id/actions`, (call) => listActions(call, ofOne(call))),
    get(`${path}/:id/actions/:action`, (call) => oneAction(call, ofOne(call))),
  ];
}

/** Actions by their numbers, whatever they are about. */
export const ACTION_ROUTES: readonly Route[] = [
  get("/actions", (call) => listActions(call, call.project.actions.all())),
  get("/actions/:action", (call) => oneAction(call, call.project.actions.all())),
];

/** One page of a list. */
export function list<T>(call: Call, plural: string, found: readonly T[], view: (one: T) => unknown): Answer {
  const { entries, pagination } = paginate(found, call.query);
  return {
    status: 200,
    body: { [plural]: entries.map(view), meta: { pagination } },
    headers: { Link: linkHeader(call.url, pagination) },
  };
}

function listActions(call: Call, actions: readonly Action[]): Answer {
  const filters: Filters<Action & Listable> = { id: ({ id }) => id, status: ({ status }) => status };
  return list(call, "actions", select(actions, call.query, filters), (one) => one);
}

function oneAction(call: Call, actions: readonly Action[]): Answer {
  const id = call.id("action");
  const action = actions.find((one) => one.id === id);
  if (!action) throw notFound(`action with ID '${id}'`);
  return ok({ action });
}

function actionsOf(project: Project, isMeant: (target: Action["resources"][number]) => boolean): Action[] {
  return project.actions.all().filter(({ resources }) => resources.some(isMeant));
}

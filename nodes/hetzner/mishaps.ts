import * as pulumi from "@pulumi/pulumi";
import { systemClock } from "../../lib/clock.ts";
import { noteRefused, type Order, saysNoRoom } from "./refused-offers.ts";

/**
 * Hetzner's words for what ends by itself. Its Go client asks again after some of them, and after none of a 503
 * (github.com/hetznercloud/hcloud-go, client.go, retryPolicy).
 */
const PASSING = /\((?:unavailable|rate_limit_exceeded|timeout|server_error|maintenance)\b|status code 50[234]\b/;

/** Between two tries, and how many there are: two minutes in all. */
const PAUSE_MS = 3000;
const TRIES = 40;

/** Whether what failed is worth another try. @param errors those of all tries, the newest first */
export function passes(errors: readonly string[]): boolean {
  return errors.length <= TRIES && PASSING.test(errors[0] ?? "");
}

/**
 * Told of whatever goes wrong with a resource at Hetzner. A failure that ends by itself is tried again. An order that was
 * refused is put down, so that the next `up` takes another: no resource can be made of other arguments than it was
 * registered with, so it is not for this one.
 */
export function onMishap(stack: string): pulumi.ErrorHook {
  return new pulumi.ErrorHook(`mishap:${stack}`, async ({ type, failedOperation, errors, newInputs }) => {
    if (passes(errors)) {
      await systemClock.sleep(PAUSE_MS);
      return true;
    }
    if (type !== "hcloud:index/server:Server" || failedOperation !== "create" || !saysNoRoom(errors[0] ?? ""))
      return false;
    const { serverType, location } = newInputs as Order;
    await noteRefused({ serverType, location });
    await pulumi.log.warn(`${serverType} in ${location} is offered, but has no room: the next up passes it over`);
    return false;
  });
}

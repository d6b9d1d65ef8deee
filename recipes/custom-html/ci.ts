import { CheckFailure, defineRecipe, fetchFromApp, fileSeed } from "recipe-ci";

const docroot = "/usr/share/nginx/html";

export default defineRecipe({
  name: "custom-html",
  source: { folder: "tests/recipes/custom-html", releases: "tests/releases/custom-html" },
  health: { http: { path: "/", accept: [200], contentType: "text/html" } },
  // nginx ends as it starts or not at all: no need for the twelve seconds that others are watched.
  stableFor: "2 s",
  seeds: [fileSeed({ path: `${docroot}/seed.txt`, servedAt: "/seed.txt" })],
  custom: [
    {
      name: "custom.plain-text",
      title: "A .txt file is served as text/plain, byte for byte",
      run: async (context) => {
        const response = await fetchFromApp(context, { path: "/seed.txt" });
        if (!response.contentType.startsWith("text/plain")) {
          throw new CheckFailure(`content type "${response.contentType}" for /seed.txt`);
        }
        return { summary: `${response.contentType}, ${response.body.length} bytes` };
      },
    },
    {
      name: "custom.not-found",
      title: "A page that does not exist answers 404",
      run: async (context) => {
        const response = await fetchFromApp(context, { path: `/no-such-page-${context.nonce}` });
        if (response.status !== 404) throw new CheckFailure(`status ${response.status} for a page that does not exist`);
        return { summary: "404" };
      },
    },
  ],
});

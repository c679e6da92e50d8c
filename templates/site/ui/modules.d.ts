/**
 * What the build (`build.mjs`) can import besides TypeScript: style sheets, and code that runs in a worker too.
 */

declare module "*.css";

/**
 * A file bundled as a function that needs nothing from outside and returns what the file exports. The page calls it; a worker is started
 * with its text, by `startWorker` of `trust.ts`.
 */
declare module "worker:*/layout.worker.ts" {
  const make: () => typeof import("./graph/layout.worker");
  export default make;
}

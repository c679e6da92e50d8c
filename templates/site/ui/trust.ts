/**
 * The one Trusted Types policy of the site.
 *
 * The Content-Security-Policy of the page refuses plain text wherever text can become code. What passes here is the whole list of
 * exceptions: HTML that the generator has sanitised, the data files of the site, and workers made of our own bundle.
 */

/** The parts of the Trusted Types API that are used; TypeScript's DOM library does not know it yet. */
interface Policy {
  createHTML(text: string): string;
  createScriptURL(url: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: Policy): Policy;
}

const rules: Policy = {
  createHTML: (text) => text,
  createScriptURL: (url) => {
    if (/^(blob:|data\/[a-z0-9/]+\.js$)/.test(url)) return url;
    throw new TypeError(`not a script of this site: ${url}`);
  },
};

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
const policy: Policy = factory ? factory.createPolicy("docs", rules) : rules;

/** Marks HTML of the data files, which the generator has sanitised, as fit for the page. Only `html.tsx` calls this. */
export function trustedHtml(text: string): string {
  return policy.createHTML(text);
}

/** Marks the address of a data file as fit to be loaded. Only `store.ts` calls this. */
export function trustedScript(url: string): string {
  return policy.createScriptURL(url);
}

/** Starts a worker from the text of its script (see `modules.d.ts`). A worker from a file would be refused on `file://`. */
export function startWorker(source: string): Worker {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(policy.createScriptURL(url));
  URL.revokeObjectURL(url);
  return worker;
}

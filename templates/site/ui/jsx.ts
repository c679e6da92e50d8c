/** What the build turns elements of JSX into: calls of these take fewer bytes than those of `preact/jsx-runtime`. */

export { createElement as h, Fragment } from "preact";

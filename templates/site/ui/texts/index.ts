/** All texts: those of the pages, and those of the explorer. The build packs them (`build.mjs`), because names and texts are a tenth of the bundle. */

import { en as lineageEn } from "../lineage/texts/en";
import { fr as lineageFr } from "../lineage/texts/fr";
import { en as pagesEn } from "./en";
import { fr as pagesFr } from "./fr";

const en = { ...pagesEn, ...lineageEn };

/** The name of a text. */
export type TextKey = keyof typeof en;

/** The texts of a language by their names. */
type Catalogue = Record<TextKey, string>;

/** A catalogue for each language. */
export const catalogues: { en: Catalogue; fr: Catalogue } = { en, fr: { ...pagesFr, ...lineageFr } };

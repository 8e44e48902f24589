import { readFileSync } from 'node:fs';
import { type Brand, chooseBrand, type Logo, PLAIN_BRAND } from '../domain/brand.ts';
import { tonesOf } from '../tones.ts';

/** What the frame around a page shows of a brand. */
export interface BrandLook {
  readonly name: string | null;
  readonly logo: Logo | null;
  /** Names the stylesheet in the brand's colour: six hex digits. */
  readonly colour: string;
}

export interface BrandLooks {
  /** For the name that the CRM has for a case's brand, or null. */
  lookOf(brand: string | null): BrandLook;
  /** The whole stylesheet in a brand's colour; null when no brand has it. */
  stylesheet(colour: string): string | null;
  /** Where the logos come from, for the content policy. */
  readonly logoOrigins: readonly string[];
}

/** Reads the stylesheet and works out each brand's colours once. */
export function createBrandLooks(brands: readonly Brand[]): BrandLooks {
  const css = readFileSync(new URL('./assets/survey.css', import.meta.url), 'utf8');
  const sheets = new Map(
    [PLAIN_BRAND, ...brands].map(({ colour }) => [nameOf(colour), `${css}\n${coloursOf(colour)}`]),
  );
  return {
    lookOf(brand) {
      const { name, logo, colour } = chooseBrand(brands, brand);
      return { name, logo, colour: nameOf(colour) };
    },
    stylesheet: (colour) => sheets.get(colour) ?? null,
    logoOrigins: [
      ...new Set(brands.flatMap(({ logo }) => (logo === null ? [] : [new URL(logo.url).origin]))),
    ],
  };
}

function nameOf(colour: string): string {
  return colour.slice(1).toLowerCase();
}

function coloursOf(colour: string): string {
  const { button, onButton, link, linkOnDark } = tonesOf(colour);
  return `:root { --fill: ${button}; --on-fill: ${onButton}; --accent: ${link}; }
@media (prefers-color-scheme: dark) { :root { --accent: ${linkOnDark}; } }
`;
}

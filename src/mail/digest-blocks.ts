/** One part of a digest. HTML and plain text are made of the same parts, so that they say the same. */
export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'figures'; readonly figures: readonly BigFigure[] }
  | { readonly kind: 'text' | 'note'; readonly text: string }
  | Table
  | PictureBlock
  | Quote
  | { readonly kind: 'links'; readonly links: readonly DigestLink[] };

/** A number that stands out, with what it stands on. */
export interface BigFigure {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
}

/** The first column names the row, the others are numbers. */
export interface Table {
  readonly kind: 'table';
  readonly head: readonly string[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly href: string | null }[];
}

export interface PictureBlock {
  readonly kind: 'picture';
  /** Names its attachment. */
  readonly cid: string;
  /** Its numbers in words. */
  readonly alt: string;
}

/** One low score. */
export interface Quote {
  readonly kind: 'quote';
  readonly title: string;
  readonly detail: string;
  /** Null where the customer wrote nothing, or it is not to be told. */
  readonly comment: string | null;
  readonly link: DigestLink;
}

export interface DigestLink {
  readonly text: string;
  readonly href: string;
}

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** Pixels per CSS pixel, for screens of today. */
const SHARPNESS = 2;

/**
 * A PNG of an SVG that `draw` made with the palette for pictures, on white. The rasteriser and its fonts are loaded with the first
 * picture and then stay; a picture stops the whole process for some 30 ms.
 */
export async function toPng(svg: string): Promise<Uint8Array> {
  const { Resvg, fonts } = await rasteriser();
  const resvg = new Resvg(svg, {
    background: '#ffffff',
    fitTo: { mode: 'zoom', value: SHARPNESS },
    font: { fontBuffers: fonts, defaultFontFamily: FAMILY, sansSerifFamily: FAMILY },
  });
  const image = resvg.render();
  try {
    return image.asPng();
  } finally {
    // Memory of the rasteriser's is its own: nobody else gives it back.
    image.free();
    resvg.free();
  }
}

/** What a chart says of itself, for a picture's alternative text. */
export function altOf(svg: string): string {
  const told = ['title', 'desc'].map((tag) => new RegExp(`<${tag}[^>]*>([^<]*)<`).exec(svg)?.[1] ?? '');
  return told
    .filter((one) => one !== '')
    .join(': ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');
}

/** The one that `PICTURE_PALETTE` names. */
const FAMILY = 'DejaVu Sans';

async function load() {
  const require = createRequire(import.meta.url);
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  const [wasm, ...fonts] = await Promise.all([
    readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')),
    readFile(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')),
    readFile(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf')),
  ]);
  await initWasm(wasm);
  return { Resvg, fonts };
}

let loading: ReturnType<typeof load> | null = null;

function rasteriser(): ReturnType<typeof load> {
  loading ??= load();
  return loading;
}

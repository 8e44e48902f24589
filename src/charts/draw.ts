import type { EChartsOption } from 'echarts';

/** What every chart is told besides its figures. */
export interface Picture {
  /** Unique on its page. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** What it shows, in a few words, and what is to be seen in it, in a sentence or two: for those who do not see it. */
  readonly title: string;
  readonly description: string;
}

/**
 * An SVG without scripts, styles or event handlers, so that it may stand on a page with a strict content security policy, in
 * a mail, or before a rasteriser. The library is loaded for the first chart: a process that draws none does without.
 */
export async function draw(option: EChartsOption, picture: Picture): Promise<string> {
  const { init } = await library();
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: picture.width,
    height: picture.height,
  });
  try {
    chart.setOption({ animation: false, ...option });
    return plainSvg(chart.renderToSVGString(), picture);
  } finally {
    chart.dispose();
  }
}

async function loadLibrary(): Promise<Pick<typeof import('echarts/core'), 'init'>> {
  const [core, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  core.use([
    charts.LineChart,
    charts.BarChart,
    charts.CustomChart,
    components.GridComponent,
    renderers.SVGRenderer,
  ]);
  return core;
}

let loading: ReturnType<typeof loadLibrary> | null = null;

function library(): ReturnType<typeof loadLibrary> {
  loading ??= loadLibrary();
  return loading;
}

/** Leaves out what a policy refuses or nobody needs, turns styles into attributes and says what the picture shows. */
export function plainSvg(svg: string, { id, title, description }: Omit<Picture, 'width' | 'height'>): string {
  const body = svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (class|pointer-events|ecmeta_\w+|xmlns:xlink|baseProfile|version)="[^"]*"/g, '')
    .replace(/ style="([^"]*)"/g, (_, style: string) => attributesOf(style))
    .replace(/\bid="([^"]+)"/g, `id="${id}-$1"`)
    .replace(/url\(#([^)]+)\)/g, `url(#${id}-$1)`)
    .replace(/\n+/g, '');
  return body.replace(
    /<svg([^>]*)>/,
    `<svg$1 role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc"><title id="${id}-title">${escaped(title)}</title><desc id="${id}-desc">${escaped(description)}</desc>`,
  );
}

function attributesOf(style: string): string {
  return style
    .split(';')
    .map((one) => one.split(':').map((part) => part.trim()))
    .filter(([name, value]) => name !== undefined && name !== '' && value !== undefined)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

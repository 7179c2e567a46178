// Does a style hide what it is given to? What people do not see and crawlers read, by the ways that injected links are hidden in.

export type Declarations = ReadonlyMap<string, string>

const MAX_STYLE = 4000
/** Pixels outside the window from which on nobody sees anything. */
const FAR = -500

/** The declarations of a style attribute or rule; the last of a name holds. */
export function declarationsOf(style: string): Declarations {
  const found = new Map<string, string>()
  for (const one of style.slice(0, MAX_STYLE).split(';')) {
    const colon = one.indexOf(':')
    if (colon < 0) continue
    const value = one
      .slice(colon + 1)
      .trim()
      .toLowerCase()
    found.set(one.slice(0, colon).trim().toLowerCase(), withoutImportant(value))
  }
  return found
}

function withoutImportant(value: string): string {
  const mark = value.indexOf('!')
  return mark < 0 ? value : value.slice(0, mark).trimEnd()
}

/** Why what has this style is not seen; '' if it is. `background`: the colour behind it, '' unknown. */
export function hiddenBy(style: Declarations, background = ''): string {
  const get = (name: string): string => style.get(name) ?? ''
  if (get('display') === 'none') return 'display:none'
  const visibility = get('visibility')
  if (visibility === 'hidden' || visibility === 'collapse') return 'visibility:hidden'
  if (style.has('opacity') && Number.parseFloat(get('opacity')) <= 0.01) return 'opacity:0'
  if (style.has('font-size') && pixels(get('font-size')) <= 1) return 'font-size:0'
  for (const name of ['left', 'top', 'right', 'bottom', 'margin-left', 'margin-top', 'text-indent'] as const)
    if (style.has(name) && pixels(get(name)) <= FAR) return `${name}:off-screen`
  const transform = get('transform')
  if (/scale[xy]?\(0[,)]/.test(transform) || /translate(?:3d|[xyz])?\([^()]{0,40}-\d{4}/.test(transform))
    return 'transform'
  const overflow = get('overflow') || get('overflow-x') || get('overflow-y')
  if (overflow === 'hidden' || overflow === 'clip')
    for (const name of ['height', 'width', 'max-height', 'max-width'] as const)
      if (style.has(name) && pixels(get(name)) <= 1) return `${name}:0`
  if (/^rect\((?:[01](?:px)?[\s,]{1,4}){3}[01](?:px)?\)$/.test(get('clip'))) return 'clip'
  if (/^(?:inset\((?:50|100)%|circle\(0)/.test(get('clip-path'))) return 'clip-path'
  const colour = colourOf(get('color'))
  if (colour === 'transparent') return 'color:transparent'
  const behind = backgroundOf(style) || background
  if (colour !== '' && colour === behind) return 'color of the background'
  return ''
}

/** Whether letters are shown from right to left: written backwards, they are read as words. */
export function isBackwards(style: Declarations): boolean {
  return style.get('direction') === 'rtl' && /override/.test(style.get('unicode-bidi') ?? '')
}

/** Whether a colour is black, or so dark that it is taken for black. */
export function isBlack(colour: string): boolean {
  const parts = /^([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(colour)
  return parts?.slice(1).every((part) => Number.parseInt(part, 16) <= DARK) === true
}

const DARK = 0x22

/** The colour that a style puts behind its text, '' if it says none that can be compared. */
export function backgroundOf(style: Declarations): string {
  const own = style.get('background-color') ?? style.get('background') ?? ''
  const first = /^rgba?\([^)]{0,50}\)|^\S{1,30}/.exec(own)?.[0] ?? ''
  const colour = colourOf(first)
  return colour === 'transparent' ? '' : colour
}

/** A size in pixels, as near as a number and a unit tell; what cannot be read is large. */
function pixels(value: string): number {
  const number = Number.parseFloat(value)
  if (Number.isNaN(number)) return Number.POSITIVE_INFINITY
  const unit = /^[+-]?[\d.]{1,20}([a-z%]{0,5})/.exec(value)?.[1] ?? ''
  if (number === 0) return 0
  switch (unit) {
    case 'em':
    case 'rem':
    case 'ch':
      return number * 16
    case 'vw':
    case 'vh':
      return number * 10
    case '%':
      // Of a font or a box: 1% is nothing; -100% is the next screen.
      return number < 0 ? number * 10 : number
    default:
      return number
  }
}

const names: Readonly<Record<string, string>> = {
  white: 'ffffff',
  black: '000000',
  red: 'ff0000',
  silver: 'c0c0c0',
  gray: '808080',
  grey: '808080',
  whitesmoke: 'f5f5f5',
  snow: 'fffafa',
}

/** A colour as six hex digits, `transparent`, or '' if it cannot be read. */
export function colourOf(value: string): string {
  const text = value.trim().toLowerCase().slice(0, 60)
  if (text === 'transparent') return text
  const hex = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/.exec(text)?.[1]
  if (hex !== undefined) return hex.length === 6 ? hex : [...hex].map((digit) => digit + digit).join('')
  const rgb = /^rgba?\((\d{1,3})[\s,]{1,3}(\d{1,3})[\s,]{1,3}(\d{1,3})(?:[\s,/]{1,4}([\d.]{1,8})%?)?\)$/.exec(text)
  if (rgb !== null) {
    if (rgb[4] !== undefined && Number(rgb[4]) === 0) return 'transparent'
    return rgb
      .slice(1, 4)
      .map((part) => Math.min(255, Number(part)).toString(16).padStart(2, '0'))
      .join('')
  }
  return names[text] ?? ''
}

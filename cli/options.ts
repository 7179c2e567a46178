// How are values of options read? Numbers within bounds, web addresses, the language; what does not fit is wrong use.
import { InvalidArgumentError, Option } from 'commander'

/** A reader of whole numbers. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
    }
    return value
  }
}

/** Reads the address of a Siaga. */
export function webAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('It must be an address such as http://siaga.internal:8080')
  }
  return url
}

/** The option of commands that speak both languages; `languageOf` reads it. */
export function langOption(): Option {
  return new Option('--lang <language>', 'language (default: SIAGA_LANG, then the locale, then id)').choices([
    'id',
    'en',
  ])
}

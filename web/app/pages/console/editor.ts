// In what is a statement written? CodeMirror in a shadow root: there it keeps its styles in constructable sheets, which the page's policy allows.
import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  completionKeymap,
} from '@codemirror/autocomplete'
import { SQLDialect, type SQLNamespace, sql } from '@codemirror/lang-sql'
import { Compartment, EditorState, Prec, StateEffect, StateField } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view'
import { minimalSetup } from 'codemirror'
import type { SqlCatalog } from '../../../../schemas/sql-api.ts'
import { statementAt } from './statement-at.ts'

const words = `all and anti any array as asc asof between by case cross cube desc describe distinct else end except exists explain false fill final first format
  from full global group having ilike in inner intersect interval is join last left like limit not null nulls offset on or order outer over partition
  prewhere qualify right rollup sample select semi settings show step then to totals true union using when where window with second minute hour day week
  month year`

const clickhouse = SQLDialect.define({
  keywords: words,
  types:
    'string uint8 uint16 uint32 uint64 int8 int16 int32 int64 float32 float64 date datetime datetime64 array map tuple nullable lowcardinality',
  backslashEscapes: true,
  identifierQuotes: '`"',
  operatorChars: '*+-%<>!=&|~^/?',
  specialVar: '',
})

const markWrong = StateEffect.define<{ from: number; to: number } | undefined>()
const wrong = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, change) {
    let next = change.docChanged ? Decoration.none : marks
    for (const effect of change.effects) {
      if (!effect.is(markWrong)) continue
      next =
        effect.value === undefined
          ? Decoration.none
          : Decoration.set([Decoration.mark({ class: 'wrong' }).range(effect.value.from, effect.value.to)])
    }
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

// Colours are the page's variables, which reach into the shadow.
const look = EditorView.theme({
  '&': { fontSize: '0.92rem', backgroundColor: 'var(--card)', color: 'var(--ink)', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': { fontFamily: 'ui-monospace, monospace', caretColor: 'var(--ink)', padding: '0.5rem 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--card)', color: 'var(--soft)', border: 'none' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--focus) 35%, transparent)',
  },
  '.cm-placeholder': { color: 'var(--soft)' },
  '.wrong': {
    textDecoration: 'underline wavy var(--critical)',
    backgroundColor: 'color-mix(in srgb, var(--critical) 18%, transparent)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--card)', border: '1px solid var(--edge)', color: 'var(--ink)', zIndex: '20' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--paper)',
  },
  '.cm-completionDetail': { color: 'inherit', opacity: '0.7', fontStyle: 'normal' },
  '.cm-tooltip.cm-completionInfo': { maxWidth: '22rem', padding: '0.5rem' },
  '.cm-scroller': { overflow: 'auto' },
})

/**
 * Colours of words that CodeMirror brings along are made for paper: each gets a twin for the dark. What it calls its rules is made up at run time, so
 * they are found by their colours.
 */
const inks: ReadonlyMap<string, string> = new Map([
  ['rgb(119, 0, 136)', 'light-dark(#770088, #d9a6ff)'],
  ['rgb(17, 102, 68)', 'light-dark(#116644, #7fdcb0)'],
  ['rgb(170, 17, 17)', 'light-dark(#aa1111, #ff9d8f)'],
  ['rgb(153, 68, 0)', 'light-dark(#8a3d00, #e0b080)'],
  ['rgb(0, 136, 85)', 'light-dark(#00704a, #6fd9b4)'],
  ['rgb(34, 85, 102)', 'light-dark(#225566, #9cc7d8)'],
  ['rgb(238, 68, 0)', 'light-dark(#b33300, #ffab7a)'],
  ['rgb(64, 71, 64)', 'light-dark(#404740, #c3cbc3)'],
])

function recolour({ adoptedStyleSheets }: DocumentOrShadowRoot): void {
  for (const rule of adoptedStyleSheets.flatMap((sheet) => Array.from(sheet.cssRules))) {
    if (!(rule instanceof CSSStyleRule)) continue
    const ink = inks.get(rule.style.color) ?? inks.get(colourOf(rule.style.color))
    if (ink !== undefined) rule.style.color = ink
  }
}

/** `#708` as `rgb(119, 0, 136)`. */
function colourOf(text: string): string {
  const hex = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text)
  return hex === null
    ? text
    : `rgb(${hex
        .slice(1)
        .map((digit) => Number.parseInt(digit + digit, 16))
        .join(', ')})`
}

export interface Editor {
  /** Without what follows a `;`: the statement that the cursor is in, or what is selected. */
  statement(): { text: string; from: number }
  text(): string
  replace(text: string): void
  learn(catalog: SqlCatalog): void
  /** Marks a place of the whole text; nothing takes the mark away. */
  mark(at: number | undefined): void
  focus(): void
  destroy(): void
}

export interface EditorOptions {
  readonly text: string
  readonly label: string
  readonly hint: string
  readonly onRun: () => void
  readonly onChange: (text: string) => void
}

/** Puts an editor into the element, which must have no shadow root yet. */
export function createEditor(host: HTMLElement, { text, label, hint, onRun, onChange }: EditorOptions): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const language = new Compartment()
  const run = (): boolean => {
    onRun()
    return true
  }
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(
          keymap.of([
            { key: 'Mod-Enter', run },
            { key: 'Shift-Enter', run },
          ]),
        ),
        minimalSetup,
        lineNumbers(),
        drawSelection(),
        closeBrackets(),
        autocompletion({ activateOnTyping: true, maxRenderedOptions: 60 }),
        keymap.of([...completionKeymap, { key: 'Tab', run: acceptCompletion }]),
        language.of(sql({ dialect: clickhouse, upperCaseKeywords: true })),
        wrong,
        look,
        placeholder(hint),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', autocapitalize: 'none' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString())
        }),
      ],
    }),
  })
  recolour(root)
  return {
    statement() {
      const { from, to, empty } = view.state.selection.main
      if (!empty) return { text: view.state.sliceDoc(from, to), from }
      return statementAt(view.state.doc.toString(), from)
    },
    text: () => view.state.doc.toString(),
    replace(next) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next }, selection: { anchor: 0 } })
    },
    learn(catalog) {
      view.dispatch({ effects: language.reconfigure(languageOf(catalog)) })
    },
    mark(at) {
      const { length } = view.state.doc
      const from = Math.min(at ?? 0, Math.max(0, length - 1))
      const value = at === undefined || length === 0 ? undefined : { from, to: Math.min(length, from + 1) }
      view.dispatch({
        effects:
          value === undefined ? markWrong.of(undefined) : [markWrong.of(value), EditorView.scrollIntoView(value.from)],
      })
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}

function languageOf(catalog: SqlCatalog) {
  const schema: Record<string, SQLNamespace> = {}
  const columns = new Map<string, Completion[]>()
  for (const { name, comment, columns: of } of catalog.tables) {
    const listed = of.map(
      (column): Completion => ({ label: column.name, type: 'property', detail: column.type, info: column.comment }),
    )
    columns.set(name, listed)
    schema[name] = { self: { label: name, type: 'class', info: comment }, children: listed }
  }
  const functions = catalog.functions.map((name): Completion => ({ label: name, type: 'function', boost: -20 }))
  const own = (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/[\w]+/)
    if (word === null && !context.explicit) return null
    const before = context.state.sliceDoc(Math.max(0, (word?.from ?? context.pos) - 1), word?.from ?? context.pos)
    if (before === '.') return null
    // Columns of the tables that the statement names, wherever the cursor stands in it.
    const { text } = statementAt(context.state.doc.toString(), context.pos)
    const words = (text.match(/\w+/g) ?? []).filter((one) => columns.has(one))
    const named = new Set(words.length === 0 ? ['events'] : words)
    const near = [...columns].flatMap(([table, listed]) =>
      named.has(table) ? listed.map((one) => ({ ...one, boost: 10 })) : [],
    )
    return { from: word?.from ?? context.pos, options: [...near, ...functions], validFor: /^\w*$/ }
  }
  const support = sql({
    dialect: clickhouse,
    upperCaseKeywords: true,
    schema: { siaga: { self: { label: 'siaga', type: 'namespace' }, children: schema }, ...schema },
  })
  return [support, clickhouse.language.data.of({ autocomplete: own })]
}

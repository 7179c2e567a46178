// How does each region directly beneath stand? Its figures with everything beneath it.
import { figureNames, figureSpecs } from '../../../../../schemas/daily.ts'
import type { DailyReport } from '../../../../../schemas/daily-api.ts'
import { number } from '../../../format.ts'
import { t } from '../../../language.ts'
import { say } from '../words.ts'

export function Children({ report: { children } }: { report: DailyReport }) {
  if (children.length === 0) return null
  const beside = figureNames.filter((name) => 'beside' in figureSpecs[name])
  return (
    <section>
      <h2>
        {t('Wilayah di bawahnya', 'Regions beneath')} ({number(children.length)})
      </h2>
      <div class="rep-scroll">
        <table class="rep-children">
          <thead>
            <tr>
              <th>{t('Wilayah', 'Region')}</th>
              {beside.map((name) => (
                <th key={name} class="number">
                  {say(figureSpecs[name].words)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {children.map(({ region, name, values }) => (
              <tr key={region}>
                <th scope="row">
                  {name} <span class="soft">{region}</span>
                </th>
                {beside.map((figure) => (
                  <td key={figure} class="number">
                    {number(values[figure] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

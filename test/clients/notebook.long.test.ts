// Does the notebook run in Jupyter from the first cell to the last, with tables where it shows tables?
import { expect, test } from 'vitest'
import { codeCells, investigate } from './notebook.ts'
import { startClientRig } from './rig.ts'
import { pythonWith } from './tools.ts'

const python = await pythonWith('requirements-notebook.txt')

test.skipIf(python.missing !== undefined)(`as the centre ${python.missing ?? ''}`, async () => {
  if (python.missing !== undefined) return
  const rig = await startClientRig()
  try {
    const { answers, evidence } = await investigate(python.tool, 'jupyter', rig, 'pusat')
    expect(answers.kesimpulan).toContain('BERHASIL MASUK · GOT IN')
    expect(answers.wilayah).toContain('31.74')
    const tables = codeCells().filter(({ source }) => !source.some((line) => line.startsWith('print(')))
    expect(answers.tables).toBe(String(tables.length))
    expect(evidence).toEqual({ events: 100, sums: 'agree' })
  } finally {
    await rig.stop()
  }
})

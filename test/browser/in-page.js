// What happens inside the page that nobody outside can see? Violations of its policy, what runs that should not, how far things jump.
window.siagaWatch = { violations: [], dialogs: [], shift: 0, firstText: 0 }
{
  const watch = window.siagaWatch
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber, sample }) => {
    watch.violations.push(`${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber} ${sample}`)
  })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) watch.shift += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
  // A person can read something useful from here on: a heading or a form, not the word "loading".
  const look = () => {
    if (watch.firstText > 0) return
    const useful = document.querySelector('main h1, main h2, main form, main table')
    if (useful !== null && useful.getBoundingClientRect().height > 0) watch.firstText = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

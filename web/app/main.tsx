// Where does the page begin? Asks who is logged in, then shows the log-in or the shell with its pages.
import './app.css'
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { language, speak } from './language.ts'
import { readSession, sessionFailure } from './main-session.ts'
import { Choose } from './pages/choose-password.tsx'
import { Login } from './pages/login.tsx'
import { OpenWall } from './pages/open-wall.tsx'
import { Failed, Loading } from './parts/states.tsx'
import { session } from './session.ts'
import { Shell } from './shell.tsx'

function App() {
  useEffect(() => void readSession(), [])
  const link = /^\/link\/([A-Za-z0-9_-]{43})$/.exec(location.pathname)?.[1]
  if (link !== undefined) return <Choose token={link} />
  const wall = /^\/dinding\/([A-Za-z0-9_-]{43})$/.exec(location.pathname)?.[1]
  if (wall !== undefined) return <OpenWall token={wall} />
  if (session.value === undefined)
    return sessionFailure.value === undefined ? (
      <Loading />
    ) : (
      <main class="login">
        <Failed error={sessionFailure.value} again={() => void readSession()} />
      </main>
    )
  return session.value === null ? <Login onIn={readSession} /> : <Shell />
}

speak(language.value)
const root = document.getElementById('app')
if (root !== null) {
  root.textContent = ''
  render(<App />, root)
}

import { about } from './plugins/about';
import { debugging } from './plugins/debugging';
import { debuggingPage } from './plugins/debuggingPage';
import { findings } from './plugins/findings';
import { inspector } from './plugins/inspector';
import { pipeline } from './plugins/pipeline';
import { runs } from './plugins/runs';
import { sessions } from './plugins/sessions';
import { tagging } from './plugins/tagging';
import { translation } from './plugins/translation';

export default [
  about,
  sessions,
  pipeline,
  tagging,
  inspector,
  findings,
  runs,
  debugging,
  debuggingPage,
  translation
];

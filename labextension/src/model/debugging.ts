import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { CodeCell } from '@jupyterlab/cells';
import { URLExt } from '@jupyterlab/coreutils';
import type { ServiceManager } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';

import type { IDebugging } from '../api';

// By which a console in a page of its own asks what is to be in it.
const CHANNEL = 'jupyter-kfx:debugging';

/** As much of JupyterLab's consoles as is used here. */
interface IConsolePanel extends Widget {
  sessionContext: ISessionContext;
  console: {
    cells: { length: number; get(place: number): CodeCell };
    promptCell: CodeCell | null;
    inject(code: string): Promise<void>;
  };
}

// All that IPython may take for the end of a line.
// eslint-disable-next-line no-control-regex
const LINES = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** Open a console on a kernel that stands where a step began; it ends with the console. */
export async function openConsole(
  commands: JupyterFrontEnd['commands'],
  found: IDebugging,
  name: string
): Promise<void> {
  const panel = (await commands.execute('console:create', {
    name,
    kernelPreference: { id: found.kernel.id, shutdownOnDispose: true },
    activate: true
  })) as IConsolePanel;
  await fill(panel, found);
}

/** Open such a console in a tab, as Notebook 7 does, and answer what it asks. */
export async function openPage(
  tab: Window | null,
  { sessions, serverSettings }: ServiceManager.IManager,
  found: IDebugging,
  name: string
): Promise<void> {
  const path = `debug-${found.kernel.id}`;
  const { kernel } = found;
  const options = { path, name, type: 'console', kernel };
  const session = await sessions.startNew(options);
  session.dispose(); // its kernel goes on, for the page
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === kernel.id) {
      channel.postMessage(found);
      channel.close();
    }
  };
  const url = URLExt.join(serverSettings.baseUrl, 'consoles', path);
  if (tab) {
    tab.location.href = url;
  } else {
    window.open(url, '_blank');
  }
}

/** Fill the console of a page with what the page that has opened it knows. */
export async function fillPage(shell: JupyterFrontEnd.IShell): Promise<void> {
  const panel = shell.currentWidget as IConsolePanel | null;
  await panel?.sessionContext.ready;
  const id = panel?.sessionContext.session?.kernel?.id;
  if (!panel || id === undefined) {
    return;
  }
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<IDebugging>) => {
    if (data.kernel.id === id) {
      channel.close();
      void fill(panel, data);
    }
  };
  channel.postMessage(id);
}

/** Say what is loaded; of a step that failed, run the cells up to the failing one. */
async function fill(panel: IConsolePanel, found: IDebugging): Promise<void> {
  await panel.sessionContext.ready;
  await panel.sessionContext.session?.kernel?.info;
  const { console } = panel;
  await console.inject(
    found.said
      .trimEnd()
      .split(LINES)
      .map(line => `# ${line}`)
      .join('\n')
  );
  if (!found.to_rerun.length) {
    await console.inject('%step');
    return;
  }
  for (const source of found.to_rerun) {
    await console.inject(source);
    const last = console.cells.get(console.cells.length - 1);
    if (last.model.outputs.toJSON().some(o => o.output_type === 'error')) {
      console.promptCell?.model.sharedModel.setSource('%debug');
      return;
    }
  }
}

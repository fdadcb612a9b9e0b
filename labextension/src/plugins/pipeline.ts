import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  MainAreaWidget,
  showErrorMessage
} from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import type { INotebookContent } from '@jupyterlab/nbformat';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Api } from '../api';
import { pipelineIcon } from '../icon';
import { mark } from '../marks';
import type { IChoice } from '../runDialog';
import { Session, told } from '../session';
import { stepNotebook } from '../stepNotebook';
import { PipelinePanel } from '../view/Panel';

const ID = 'jupyter-kfx:pipeline';
const RUN = 'kfx:run-pipeline';
const CANCEL = 'kfx:cancel-run';
const SUGGEST = 'kfx:suggest-steps';
const SHOW = 'kfx:show-pipeline';
const NO_ARGUMENTS = { args: { type: 'object' as const, properties: {} } };

export const pipeline: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Draws the pipeline of a notebook beside it, and runs it.',
  autoStart: true,
  requires: [INotebookTracker, IEditorServices],
  optional: [
    ICommandPalette,
    ILabShell,
    ILayoutRestorer,
    ISettingRegistry,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    editors: IEditorServices,
    palette: ICommandPalette | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kfx');
    const api = new Api(app.serviceManager.serverSettings);
    const sessions = new WeakMap<NotebookPanel, Session>();
    const choices = new WeakMap<NotebookPanel, IChoice>();
    let marks = true;

    const sessionOf = (panel: NotebookPanel): Session => {
      let session = sessions.get(panel);
      if (!session) {
        session = new Session(panel, api);
        sessions.set(panel, session);
        session.changed.connect(changed => mark(changed, marks));
      }
      return session;
    };

    const openStep = async (session: Session, step: string): Promise<void> => {
      if (!session.run) {
        return;
      }
      const run = session.run.run;
      const content = await api.notebook(run, step);
      const view = new MainAreaWidget({
        content: stepNotebook(
          content as INotebookContent,
          session.panel,
          editors.mimeTypeService
        )
      });
      view.title.label = trans.__('%1 (executed)', step);
      view.title.caption = trans.__('Step %1 of run %2, read-only', step, run);
      view.title.icon = pipelineIcon;
      app.shell.add(view, 'main', {
        ref: session.panel.id,
        mode: 'tab-after'
      });
      app.shell.activateById(view.id);
    };

    const report = (error: unknown): void => {
      void showErrorMessage(trans.__('Notebook pipeline'), told(error));
    };

    const panel = new PipelinePanel(
      {
        run: () => void app.commands.execute(RUN),
        cancel: () => void app.commands.execute(CANCEL),
        suggest: () => void app.commands.execute(SUGGEST),
        openStep: (session, step) => void openStep(session, step).catch(report)
      },
      trans
    );
    panel.id = 'jp-kfx-pipeline';
    panel.title.icon = pipelineIcon;
    panel.title.caption = trans.__('Pipeline of the notebook');
    app.shell.add(panel, 'right', { rank: 650 });
    restorer?.add(panel, panel.id);

    const show = (): void => {
      panel.session = tracker.currentWidget
        ? sessionOf(tracker.currentWidget)
        : null;
    };
    tracker.currentChanged.connect(show);
    tracker.widgetAdded.connect((_, added) => void sessionOf(added));
    show();

    const isEnabled = (): boolean => tracker.currentWidget !== null;
    app.commands.addCommand(RUN, {
      label: trans.__('Run as Pipeline…'),
      caption: trans.__('Run the notebook as a pipeline of its steps'),
      icon: pipelineIcon,
      describedBy: NO_ARGUMENTS,
      isEnabled,
      execute: async () => {
        const current = tracker.currentWidget;
        if (!current) {
          return;
        }
        app.shell.activateById(panel.id);
        const session = sessionOf(current);
        const found = session.analysis?.pipeline.parameters ?? [];
        try {
          const engines = await api.engines();
          const last = choices.get(current) ?? null;
          const { ask } = await import('../runDialog');
          const choice = await ask(found, engines, last, trans);
          if (choice) {
            choices.set(current, choice);
            await session.start(choice.parameters, choice.options);
          }
        } catch (error) {
          report(error);
        }
      }
    });
    app.commands.addCommand(CANCEL, {
      label: trans.__('Cancel the Run of the Pipeline'),
      describedBy: NO_ARGUMENTS,
      isEnabled,
      execute: async () => {
        try {
          await panel.session?.cancel();
        } catch (error) {
          report(error);
        }
      }
    });
    app.commands.addCommand(SUGGEST, {
      label: trans.__('Suggest Steps…'),
      caption: trans.__(
        'Propose steps for the notebook, from its headings and its data flow'
      ),
      describedBy: NO_ARGUMENTS,
      isEnabled,
      execute: async () => {
        const current = tracker.currentWidget;
        if (!current) {
          return;
        }
        app.shell.activateById(panel.id);
        try {
          const { suggestion, apply } = await sessionOf(current).suggest();
          const { preview } = await import('../suggestDialog');
          if (await preview(suggestion, trans)) {
            apply();
          }
        } catch (error) {
          report(error);
        }
      }
    });
    app.commands.addCommand(SHOW, {
      label: trans.__('Show the Pipeline of the Notebook'),
      icon: pipelineIcon,
      describedBy: NO_ARGUMENTS,
      execute: () => {
        if (labShell && panel.isVisible) {
          labShell.collapseRight();
        } else {
          app.shell.activateById(panel.id);
        }
      }
    });
    for (const command of [RUN, CANCEL, SUGGEST, SHOW]) {
      palette?.addItem({ command, category: trans.__('Notebook Pipelines') });
    }

    void settings?.load(ID).then(loaded => {
      const read = (): void => {
        marks = loaded.get('marks').composite as boolean;
        tracker.forEach(open => mark(sessionOf(open), marks));
      };
      loaded.changed.connect(read);
      read();
    });
  }
};

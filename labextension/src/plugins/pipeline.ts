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
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { told } from '../api';
import { CommandIDs, NO_ARGUMENTS, SETTINGS } from '../commands';
import { pipelineIcon } from '../icon';
import { Choices } from '../model/choices';
import type { Session } from '../model/session';
import { ISessions } from '../model/sessions';
import { PipelinePanel } from '../view/Panel';
import { place } from '../view/place';
import { stepNotebook } from '../view/stepNotebook';

export const pipeline: JupyterFrontEndPlugin<void> = {
  id: SETTINGS,
  description: 'Draws the pipeline of a notebook beside it, and runs it.',
  autoStart: true,
  requires: [ISessions, IEditorServices],
  optional: [
    ICommandPalette,
    ILabShell,
    ILayoutRestorer,
    ISettingRegistry,
    IStateDB,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    sessions: ISessions,
    editors: IEditorServices,
    palette: ICommandPalette | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    database: IStateDB | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kfx');
    const { api } = sessions;

    const choices = new Choices(database);

    const openStep = async (session: Session, step: string): Promise<void> => {
      const run = session.run.states?.run;
      if (run === undefined) {
        return;
      }
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
      place(app.shell, labShell, view, session.panel);
    };

    const report = (error: unknown): void => {
      void showErrorMessage(trans.__('Notebook pipeline'), told(error, trans));
    };

    const execute = (command: string) => () =>
      void app.commands.execute(command);
    const panel = new PipelinePanel(
      {
        run: execute(CommandIDs.run),
        cancel: execute(CommandIDs.cancel),
        suggest: execute(CommandIDs.suggest),
        runStep: (which, step) =>
          void app.commands.execute(CommandIDs.runStep, { which, step }),
        openStep: (session, step) => void openStep(session, step).catch(report),
        debugStep: (run, step) =>
          void app.commands.execute(CommandIDs.debug, { run, step })
      },
      trans
    );
    panel.id = 'jp-kfx-pipeline';
    if (labShell) {
      // The side bar's own rule is stronger than a class.
      panel.node.style.minWidth = '400px';
    }
    panel.title.icon = pipelineIcon;
    panel.title.caption = trans.__('Pipeline of the notebook');
    app.shell.add(panel, 'right', { rank: 650 });
    restorer?.add(panel, panel.id);

    const show = (): void => {
      panel.session = sessions.current;
    };
    sessions.currentChanged.connect(show);
    show();

    const isEnabled = (): boolean => sessions.current !== null;
    app.commands.addCommand(CommandIDs.run, {
      label: trans.__('Run as Pipeline…'),
      caption: trans.__('Run the notebook as a pipeline of its steps'),
      icon: pipelineIcon,
      describedBy: NO_ARGUMENTS,
      isEnabled,
      execute: async () => {
        const session = sessions.current;
        if (!session) {
          return;
        }
        app.shell.activateById(panel.id);
        const pipeline = session.analysis?.pipeline;
        if (!pipeline) {
          return;
        }
        try {
          const engines = await api.engines();
          const last = await choices.of(session);
          void session.warm(last?.options ?? {});
          const { ask, lasting } = await import('../dialogs/run');
          const choice = await ask(pipeline, engines, last, trans);
          if (choice) {
            await choices.keep(session, lasting(choice));
            await session.start(choice.parameters, choice.options);
          }
        } catch (error) {
          report(error);
        }
      }
    });
    app.commands.addCommand(CommandIDs.runStep, {
      label: args =>
        args.which === 'only'
          ? trans.__('Run Only This Step of the Pipeline')
          : trans.__('Run the Pipeline From This Step'),
      caption: trans.__(
        'With the parameters of the last run; other steps keep their results'
      ),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            which: { type: 'string', enum: ['from', 'only'] },
            clicked: {
              type: 'boolean',
              description: trans.__('Take the step whose menu was opened')
            },
            step: {
              type: 'string',
              description: trans.__(
                'Name of the step; that of the active cell if missing'
              )
            }
          }
        }
      },
      isEnabled: () => sessions.current?.running === false,
      execute: async args => {
        const session = sessions.current;
        const clicked = args.clicked ? session?.pointed : null;
        const step =
          (args.step as string | undefined) ?? clicked ?? session?.activeStep;
        if (!session || !step) {
          return;
        }
        try {
          const last = await choices.of(session);
          const part = args.which === 'only' ? 'only' : 'from_step';
          await session.start(last?.parameters ?? {}, {
            ...last?.options,
            [part]: step
          });
        } catch (error) {
          report(error);
        }
      }
    });
    app.commands.addCommand(CommandIDs.cancel, {
      label: trans.__('Cancel the Run of the Pipeline'),
      describedBy: NO_ARGUMENTS,
      isEnabled,
      execute: async () => {
        try {
          await sessions.current?.run.cancel();
        } catch (error) {
          report(error);
        }
      }
    });
    app.commands.addCommand(CommandIDs.show, {
      label: trans.__('Show the Pipeline of the Notebook'),
      icon: pipelineIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            open: {
              type: 'boolean',
              description: trans.__('Leave it open if it is')
            }
          }
        }
      },
      execute: args => {
        if (labShell && panel.isVisible && args.open !== true) {
          labShell.collapseRight();
        } else {
          app.shell.activateById(panel.id);
          panel.focus();
        }
      }
    });
    const category = trans.__('Notebook Pipelines');
    for (const which of ['from', 'only']) {
      palette?.addItem({
        command: CommandIDs.runStep,
        args: { which },
        category
      });
    }
    for (const command of [
      CommandIDs.run,
      CommandIDs.cancel,
      CommandIDs.show
    ]) {
      palette?.addItem({ command, category });
    }

    void settings?.load(SETTINGS).then(loaded => {
      const read = (): void => {
        panel.barsOnCells = loaded.get('cellBar').composite as boolean;
      };
      loaded.changed.connect(read);
      read();
    });
  }
};

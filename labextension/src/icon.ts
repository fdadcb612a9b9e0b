import { LabIcon } from '@jupyterlab/ui-components';

/** A small graph. */
export const pipelineIcon = new LabIcon({
  name: 'jupyter-kfx:pipeline',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M9 2h6v5h-2v3h6v4h2v6h-6v-6h2v-2H7v2h2v6H3v-6h2v-4h6V7H9z"/>
  </g>
</svg>`
});

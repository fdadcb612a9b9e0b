import { about } from './plugins/about';
import { pipeline } from './plugins/pipeline';

export default [about, pipeline];

import { about } from './plugins/about';

export default [about];

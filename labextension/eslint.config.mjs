import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import { defineConfig } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

export default defineConfig([
  { ignores: ['lib', 'node_modules', '**/*.js', '**/*.mjs'] },
  js.configs.recommended,
  tseslint.configs.recommended,
  { plugins: { jupyter } },
  jupyter.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { project: 'tsconfig.json' } }
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'interface', format: ['PascalCase'], prefix: ['I'] }
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      curly: 'error',
      eqeqeq: 'error',
      'jupyter/prefer-lazy-imports': [
        'warn',
        {
          ignoreImports: [
            // Every view asks the server, and says what it answered.
            '../api',
            // Shown, or registered, as soon as there is a notebook.
            '../model/fixes',
            '../view/CellBar',
            '../view/Inspector',
            '../view/Panel'
          ]
        }
      ]
    }
  },
  prettier
]);

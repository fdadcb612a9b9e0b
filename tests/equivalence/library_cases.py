"""Notebooks with objects of libraries that mean something as parts of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.equivalence.kernel_cases import Case

__all__ = ["REFUSED", "SAME"]

SAME: dict[str, Case] = {
    "expressions that are not evaluated": [
        "import sympy as sp\nx,y=sp.symbols('x y')\nwith sp.evaluate(False):\n    e=sp.Add(x,x)\nes=[sp.sympify('2*(x+x)+1/1',evaluate=False),sp.Eq(x,x,evaluate=False),sp.sqrt(8,evaluate=False),sp.Mul(-1,x-y,evaluate=False),sp.Max(1,2,evaluate=False)]",
        "print(e,es)\nes.append(e*3)",
        "print([(q,q.doit()) for q in (e,*es)])",
    ],
    "a model with a formula, whose frame gains a column": [
        "import pandas as pd, statsmodels.formula.api as smf\ndf=pd.DataFrame({'g':list('abab'),'y':[2.,4,7,9],'x':[1.,2,3,5]})\nres=smf.ols('y ~ C(g) + x',df).fit()",
        "df['z']=df['y']*2\nprint(res.params)",
        "print(res.predict({'g':['b'],'x':[3]}).tolist())\nprint(res.summary().tables[1])",
    ],
    "a model of rows that are not all there": [
        "import numpy as np\nimport pandas as pd, statsmodels.formula.api as smf\ndf=pd.DataFrame({'y':[2.,4,7,np.nan,4],'x':[1.,2,3,5,np.nan]})\nres=smf.ols('np.log(y) ~ x',df).fit()",
        "print(res.params)",
        "print(res.predict({'x':[3]}).tolist())",
    ],
    "a trace of a figure of plotly": [
        "import plotly.graph_objects as go\nf=go.Figure(go.Scatter(x=[1],y=[2]))\nt=f.data[0]",
        "t.x=[9]\nprint(f.data[0].x)",
        "print(f.data[0] is t)",
    ],
    "an axis of a figure of plotly": [
        "import plotly.graph_objects as go\nf=go.Figure(); ax=f.layout.xaxis",
        "ax.title='q'; print(f.layout.xaxis.title.text)",
        "f.update_layout(title='z')\nprint(f.layout.title.text, f.layout.xaxis.title.text)",
    ],
    "annotations of a figure of plotly": [
        "import plotly.graph_objects as go\nf=go.Figure(); f.add_annotation(text='a'); f.add_annotation(text='b')\na=f.layout.annotations[1]\nt=go.Scatter(x=[1])",
        "a.text='c'; print(f.layout.annotations[1].text)\nt.x=[5]",
        "print(t.x, f.layout.annotations)",
    ],
}

REFUSED: dict[str, tuple[Case, str]] = {
    "a model with a formula, whose frame changes": (
        [
            "import pandas as pd, statsmodels.formula.api as smf\ndf=pd.DataFrame({'g':list('abab'),'y':[2.,4,7,9]})\nres=smf.ols('y ~ C(g)',df).fit()",
            "df['g']=df['g'].map({'a':'z','b':'b'})",
            "print(res.predict({'g':['b']}).tolist())",
        ],
        "data frame has changed",
    ),
}

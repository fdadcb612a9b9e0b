"""Frames and series that have memory in common, until one of them is written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.equivalence.kernel_cases import Case

_PANDAS = "import pandas as pd, numpy as np\n"
SAME: dict[str, Case] = {
    "a series of a frame is written to": [
        _PANDAS + "df=pd.DataFrame({'a':[1,2,3],'b':[4.,5,6]})",
        "s=df['a']\nt=df.loc[0:1]",
        "s.iloc[0]=9\nprint(df)",
        "df.loc[0,'a']=7\nprint(s,t)",
        "print(df,s,t)",
    ],
    "the memory of a frame as an array": [
        _PANDAS + "df=pd.DataFrame({'a':[1,2,3]})",
        "a=df['a'].to_numpy()\nv=df.values",
        "df.loc[0,'a']=7\nprint(a,v)",
        "print(df,a,v, np.shares_memory(a,df['a'].to_numpy()))",
        "df.iloc[1,0]=8\nprint(a,v,df)",
    ],
    "a frame of an array that is not copied": [
        _PANDAS
        + "a=np.arange(6.).reshape(3,2)\ndf=pd.DataFrame(a,copy=False)\ns=pd.Series(a[:,0],copy=False)",
        "a[0,0]=99\nprint(df,s)",
        "print(df,s,a)",
        "s.iloc[1]=-1\nprint(a)",
        "print(a,df)",
    ],
    "an array beside a series of its memory": [
        _PANDAS
        + "a=np.arange(3.)\nd={'arr':a,'s':pd.Series(a,copy=False)}\nd2={'s':d['s'].copy(deep=False)}",
        "a[0]=5\nprint(d,d2)",
        "d['arr'][1]=6\nprint(d2,a)",
        "print(d,d2,a)",
    ],
    "the name of an index of a frame": [
        _PANDAS + "df=pd.DataFrame({'a':[1,2,3]})\nidx=df.index\nd2=df*2",
        "df.index.name='q'\nprint(idx.name,d2.index.name)",
        "idx.name='z'\nprint(df.index.name,d2)",
    ],
    "an index of an array": [
        _PANDAS
        + "a=np.arange(3)\nidx=pd.Index(a,copy=False)\ndf=pd.DataFrame({'v':[1,2,3]},index=idx)",
        "a[0]=7\nprint(idx,df)",
        "print(idx,df,a)",
    ],
    "names of levels of an index": [
        _PANDAS
        + "m=pd.DataFrame({'v':range(4)},index=pd.MultiIndex.from_product([[1,2],['a','b']]))\nm2=m*2",
        "m2.index.names=['x','y']\nprint(m)",
        "print(m2,m)",
    ],
    "a frame by two names, and a copy of it": [
        _PANDAS + "df=pd.DataFrame({'a':[1,2,3]})\nd2=df\nd3=df.copy(deep=False)",
        "d2['c']=1\nprint(df,d3)",
        "d3['a']=0\nprint(df)",
    ],
    "lists in frames": [
        _PANDAS + "df=pd.DataFrame({'o':[[1],[2]]})\nd2=df.copy()\nL=df['o'][0]",
        "L.append(5)\nprint(df,d2)",
        "d2['o'][1].append(7)\nprint(df,d2,L)",
    ],
    "attributes of frames": [
        _PANDAS + "df=pd.DataFrame({'a':[1]})\ndf.attrs['k']=[1]\nd2=df.head()",
        "d2.attrs['k'].append(2)\nprint(df.attrs)",
        "print(df.attrs,d2.attrs)",
    ],
    "categories of two series": [
        _PANDAS
        + "c=pd.Series(pd.Categorical(['a','b']))\nd=c.copy(deep=False)\ne=c.cat",
        "c.iloc[0]='b'\nprint(d.tolist())",
        "print(e.codes.tolist(), c.tolist())",
    ],
    "a masked array in a series and a frame": [
        _PANDAS
        + "s=pd.array([1,None,3])\nser=pd.Series(s,copy=False)\nf=pd.DataFrame({'q':ser})",
        "s[0]=9\nprint(ser.tolist(),f)",
        "print(ser.tolist(),f,s)",
    ],
    "frames made of one frame": [
        _PANDAS + "df=pd.DataFrame({'k':['a','b','a'],'v':[1,2,3]})",
        "g=df.groupby('k').v.sum()",
        "h=df.merge(df,on='k')",
        "t=df.assign(z=df.v*2)",
        "u=df[df.v>1]",
        "print(g,h,t,u)",
    ],
    "a view of a frame": [
        _PANDAS + "df=pd.DataFrame({'a':[1.,2]})\nd2=df[['a']]",
        "v=df['a'].values\nprint(v.flags.writeable)",
        "print(df,d2)",
    ],
    "groups of a frame that changes": [
        _PANDAS + "df=pd.DataFrame({'k':['a','b','a'],'v':[1,2,3]})\ng=df.groupby('k')",
        "df['v']=[9,9,9]\nprint(g.v.sum())",
        "print(g.v.mean(), df)",
    ],
    "a window on a series that changes": [
        _PANDAS + "s=pd.Series([1.,2,3,4])\nr=s.rolling(2)",
        "s.iloc[0]=100\nprint(r.sum().tolist())",
        "print(r.mean().tolist(), s.tolist())",
    ],
    "frames changed in place": [
        _PANDAS
        + "import warnings\nwarnings.simplefilter('ignore')\n"
        + "df=pd.DataFrame({'a':[3,1,2],'b':[1.,None,2]})\nx=df[['a']]",
        "df.sort_values('a',inplace=True)\ndf.fillna(0,inplace=True)\nprint(x)",
        "df.drop(columns='b',inplace=True)\nprint(df,x)",
        "df.columns=['z']\nprint(df,x)",
    ],
    "what others held is not handed on": [
        _PANDAS
        + "df=pd.DataFrame({'p':[3,1,2],'q':list('xyx')})\ns=df.p\nt=df.iloc[:2]\nu=df.assign(z=1)\nd=df.describe()\nm=df[df.p>1]",
        "w=df['p'].to_numpy()\nx=d.columns.to_numpy()",
        "df.loc[0,'p']=9\nprint(w,df,s,t,u)",
        "s[1]=7\nprint(w,df,s,d,m)",
        "print(w,df,s,x)",
    ],
    "rows of a frame, and their memory": [
        _PANDAS + "df=pd.DataFrame({'p':[3,1,2.]})\nt=df.iloc[:2]",
        "w=t['p'].to_numpy()",
        "t.iloc[0,0]=50\nprint(w,df,t)",
        "df.iloc[1,0]=8\nprint(w,df,t)",
    ],
    "labels in the memory of a column": [
        _PANDAS
        + "df=pd.DataFrame({'p':[3,1,2],'q':[1.,2,3]})\ne=df.set_index('p')\nr=e.reset_index()",
        "df.loc[0,'p']=9\nprint(e,r)",
        "r.loc[0,'p']=4\nprint(e.index,df,r)",
        "print(df,e,r)",
    ],
    "labels of two frames": [
        _PANDAS + "df=pd.DataFrame({'p':[3,1,2]},index=list('abc'))\ne=df*2\ni=e.index",
        "w=df.index.values\nprint(len(w))",
        "e.index=['x','y','z']\nprint(df,i,w)",
        "df.index.name='n'\nprint(e,i,df)",
        "print(df,e,i,w)",
    ],
    "a row of a frame": [
        _PANDAS
        + "df=pd.DataFrame(np.arange(6.).reshape(2,3))\nr=df.iloc[0]\nv=r.to_numpy()",
        "print(np.shares_memory(v,df.to_numpy()))\ndf.iloc[0,0]=9\nprint(r,v)",
        "r.iloc[1]=7\nprint(df,r,v)",
    ],
    "rows of a frame backwards": [
        _PANDAS
        + "a=np.arange(6.).reshape(3,2)\ndf=pd.DataFrame(a[::-1],copy=False)\ne=df.iloc[::2]",
        "a[0,0]=99\nprint(df,e)",
        "df.iloc[0,0]=44\nprint(a,df,e)",
    ],
}

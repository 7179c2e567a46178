# What does a notebook print in its tagged cells? Run by Jupyter ("jupyter"), or its code alone, one cell after the other ("plain").
import contextlib
import io
import json
import os
import sys

how, path, folder = sys.argv[1:]
with open(path, encoding="utf8") as file:
    cells = json.load(file)["cells"]


def say(cell, text):
    for tag in cell.get("metadata", {}).get("tags", []):
        print(tag, json.dumps(text.strip()), sep="\t")


if how == "plain":
    os.chdir(folder)
    names = {"__name__": "__main__"}
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
        say(cell, printed.getvalue())
else:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            say(cell, "".join(output.text for output in cell.outputs if output.output_type == "stream"))
    # Every cell that ends in a table shows one.
    shown = sum(1 for cell in notebook.cells for output in cell.get("outputs", []) if "text/html" in output.get("data", {}))
    print("tables", shown, sep="\t")

"""Makes pages out of a project: every text below /project becomes a page below /site."""

import html
import os
import string

SOURCE, TARGET = "/project", "/site"

with open(f"{SOURCE}/page.template") as file:
    template = string.Template(file.read())

titles = {}
for folder, folders, names in os.walk(SOURCE):
    folders.sort()
    for name in sorted(names):
        if not name.endswith(".txt"):
            continue
        path = os.path.relpath(os.path.join(folder, name), SOURCE)
        with open(os.path.join(folder, name)) as file:
            title, _, body = file.read().partition("\n")
        page = os.path.join(TARGET, path.removesuffix(".txt") + ".html")
        os.makedirs(os.path.dirname(page), exist_ok=True)
        with open(page, "w") as file:
            file.write(template.substitute(title=html.escape(title), body=html.escape(body.strip())))
        titles[os.path.relpath(page, TARGET)] = title

with open(f"{TARGET}/index.txt", "w") as file:
    for path, title in titles.items():
        print(path, title, sep="\t", file=file)
print(f"made {len(titles)} pages")

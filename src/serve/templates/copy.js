// The only script: puts a button beside each address of a feed that copies it. Without it the address can be selected all the same.
"use strict";
for (const address of navigator.clipboard ? document.querySelectorAll("code[data-copy]") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = address.dataset.copy;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(address.textContent);
      button.textContent = address.dataset.copied;
      setTimeout(() => { button.textContent = address.dataset.copy; }, 2000);
    } catch {
      getSelection().selectAllChildren(address);
    }
  });
  address.after(" ", button);
}

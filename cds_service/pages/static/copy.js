// Copy buttons: shown only where they work.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const said = document.getElementById("copied");
    try {
      await navigator.clipboard.writeText(source.href || source.value || source.textContent);
      said.textContent = button.dataset.said;
    } catch {
      said.textContent = "The browser did not allow copying; select the text instead.";
    }
  });
}

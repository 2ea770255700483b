// The demo's accounts on the sign-in page: a button fills the form (`[data-demo]`).

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-demo]"))) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const [email, password] = ["email", "password"].map((id) => /** @type {HTMLInputElement} */ (document.getElementById(id)));
    email.value = button.dataset.demo ?? "";
    password.value = "demo-password";
    email.form?.requestSubmit();
  });
}
